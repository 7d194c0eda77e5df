// Package lifecycle decides what a service does next. [Step] is a pure
// function of a policy, a state, an event and the time: it reads no clock, does
// no I/O and keeps nothing, so that it can be enumerated, drawn and replayed.
//
// Deadlines are a field of the state, not timers: a deadline that was replaced
// does not exist any more, so no stale timer can fire. What is to be done comes
// out as [Effects]; an effect that fails comes back as an event.
//
// # Words
//
// A generation is one incarnation of a service: its main process and
// everything that descends from it. It is occupied while any of it lives. The
// main process is alive until its exit was observed. An attempt is a
// consecutive restart; it counts against the policy's limit. A retry is a start
// repeated because the machine, not the program, could not do it; it is not
// counted, but waits on the same schedule.
package lifecycle
