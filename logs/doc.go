// Package logs carries words out of gosv: the output lines of services to its
// stdout, and its own log to its stderr.
//
// A [Destination] is one bounded queue and one goroutine that writes it out. A
// [Stream] turns the bytes of one output of one service into whole lines
//
//	name | text
//
// for a Destination; it costs neither a goroutine nor, between lines, a buffer.
// [NewLogger] writes gosv's own words through a Destination.
//
// Nothing here waits for a destination but its own goroutine and
// [Destination.Close], which is bounded. A destination that is stuck holds back
// or drops what is meant for it (see [Policy]) and one that fails loses it; every
// lost line is counted in [Stats].
//
// The program must catch SIGPIPE (signal.Notify): else the Go runtime ends it at
// the first EPIPE on descriptor 1 or 2. It must not ignore it, because children
// would inherit that.
package logs
