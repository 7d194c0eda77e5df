// Package control serves gosv's control API: HTTP and JSON on a unix socket.
//
// A handler never touches the state of the supervisor's loop. It reads what the
// supervisor has published and puts commands into its bounded queue; both are
// the methods of [Backend], which package control/backend implements on the real
// supervisor. What happens afterwards arrives as numbered events in a [EventRing].
//
//	client > route table > handler > Backend.Submit > the loop
//	the loop > EventRing > event streams, operations that wait
//
// routes.go lists every route. Each resource has a file of its own.
package control
