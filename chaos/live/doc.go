// Package live does to a real supervisor what package chaos planned, and tells
// what became of it.
//
// [Run] starts a [Supervisor] and goes through the phases: warm-up, faults, heal,
// settle, shutdown. What the supervisor tells of itself and what an observer of its
// own sees (pidfds and marks in /proc) are kept apart in the history: the judge
// compares them.
//
// Nothing is touched but processes that bear the mark of the run in their
// environment ([MarkRun]) and the cgroup directory that was made for it. A process is
// addressed by its pidfd, which was checked after it was opened, so that a number
// that was used again meets nobody else. Whatever way a run ends, what was done is
// undone and what is left is killed.
package live
