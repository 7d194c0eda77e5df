// Package live injects the faults of a plan into a real supervisor and its services,
// and records what happens.
//
// [Run] starts a [Supervisor] and goes through the phases: warm-up, faults, heal,
// settle, shutdown. The history that it returns has two separate accounts: what the
// supervisor reported, and what an observer saw, which holds a pidfd of every main
// process and reads /proc. The judge of package chaos compares them.
//
// Only processes of the run are touched: those with the run's identifier in their
// environment ([MarkRun]) and their descendants. A process is addressed by a pidfd
// that was checked after it was opened, so a reused PID does no harm. However a run
// ends, faults are undone and what remains is killed.
package live
