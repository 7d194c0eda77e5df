// Package api defines the JSON values of gosv's control API, version 1.
//
// The server (package control) and the client (package control/client) share
// these types. Fields are only added within a version; a client ignores fields
// that it does not know, and the server refuses those that it does not know.
// docs/reference/openapi.json describes the same values for other languages.
package api

// Version is the version of the API, and the first element of its paths.
const Version = "v1"
