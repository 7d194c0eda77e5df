// Package logs writes the output of services, and the supervisor's own log, to
// files, pipes and terminals.
//
// A [Destination] is one writer with a bounded queue and one goroutine that writes
// the queue out. A [Stream] turns the bytes of one output of one service into whole
// lines for a Destination:
//
//	name | text
//
// A Stream needs no goroutine, and no buffer between lines. [NewLogger] writes the
// supervisor's own records through a Destination. Two Destinations must never write
// to the same file, pipe or socket: their lines would be mixed. Whoever opens them
// compares them and uses one Destination for both.
//
// Nothing here waits for a writer except the goroutine of a Destination and
// [Destination.Close], which is bounded. A writer that blocks holds back the
// services that write to it, or their lines are dropped (see [Policy]). A writer
// that fails loses lines. [Stats] counts every lost line.
//
// The program must catch SIGPIPE (signal.Notify): otherwise the Go runtime ends it
// at the first EPIPE on descriptor 1 or 2. It must not ignore SIGPIPE, because
// children would inherit that.
package logs
