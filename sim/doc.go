// Package sim runs the shipping supervisor inside the fake kernel and holds it
// to its invariants after every step.
//
// A [Scenario] is a machine, its services and what happens to them; it prints as
// text. [Scenario.Run] plays it with a source of choices and gives a [Report].
// [Generate] makes scenarios by chance; [Library] has some by name, of which
// [Explore] plays all deviations of a kind: a [Plan] each. The same scenario and the same choices
// give the same run, byte for byte.
//
// A [Recording] is a run that can be played again: it prints as text, parses back,
// and shrinks to the simplest run that breaks the same rule. [Report.Timeline] is
// the drawing of a run, for package timeline.
//
// The checker reads the truth, the fake kernel's own trace, and not only what
// the supervisor says of itself.
package sim
