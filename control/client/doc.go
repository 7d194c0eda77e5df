// Package client speaks gosv's control API over a unix socket.
//
// Errors of the API are of type *api.Problem. When no process listens on the
// socket, errors are [ErrNoSupervisor].
package client
