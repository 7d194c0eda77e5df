// Package sim runs the shipping supervisor inside the fake kernel and checks its
// invariants after every step.
//
// A [Scenario] is a machine, its services and what happens to them. [Scenario.Run] plays it
// with a source of choices and returns a [Report]. [Generate] makes random scenarios.
// [Library] has named ones, and [Explore] plays all deviations of one kind from them, each
// of which is a [Plan]. The same scenario and the same choices give the same run, byte for
// byte.
//
// A [Recording] is a run that can be replayed. It prints as text, parses back, and shrinks
// to the simplest run that breaks the same rule. [Report.Timeline] is the drawing of a run,
// for package timeline.
//
// The checker compares the events of the supervisor with the trace of the fake kernel,
// which contains what really happened. Each [Rule] counts how often it was decided;
// [Coverage] sums these counts over many runs.
package sim
