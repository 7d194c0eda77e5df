package sim

import (
	"fmt"
	"strings"

	"github.com/gosv/gosv/fakesys"
)

// Record plays the scenario that is generated from choices, and gives what it
// takes to play it again.
func Record(choices fakesys.Choices) (Recording, *Report) {
	return RecordScenario(Generate(choices), choices)
}

// RecordScenario is Record for a scenario that there is.
func RecordScenario(s Scenario, choices fakesys.Choices) (Recording, *Report) {
	made := &fakesys.Recorder{From: choices}
	report := s.Run(made)
	return Recording{s, decisions(made.Made)}, report
}

// FromSeed returns the scenario that a seed stands for, and the choices that are left
// for its run.
func FromSeed(seed uint64) (Scenario, fakesys.Choices) {
	choices := fakesys.FromSeed(seed)
	return Generate(choices), choices
}

// Run plays a recording.
func (r Recording) Run() *Report { return r.Scenario.Run(r.choices()) }

// RunTraced plays it and keeps the readable trace.
func (r Recording) RunTraced() *Report { return r.Scenario.RunTraced(r.choices()) }

// Replay plays the text of a [Recording], and keeps the readable trace. A choice that
// has fewer values than it is to take is an error.
func Replay(text string) (Scenario, *Report, error) {
	r, err := ParseRecording(text)
	if err != nil {
		return Scenario{}, nil, err
	}
	choices := r.choices()
	report := r.Scenario.RunTraced(choices)
	if d := choices.unreachable; d != nil {
		return Scenario{}, nil, fmt.Errorf("%v: that choice has %d values, from 0 on", *d, choices.n)
	}
	return r.Scenario, report, nil
}

// rule is the invariant that was broken first, "" for none.
func (r *Report) rule() string {
	if !r.Failed() {
		return ""
	}
	_, rule, _ := strings.Cut(r.Violations[0], "invariant ")
	rule, _, _ = strings.Cut(rule, ":")
	return rule
}

// Rule is the invariant that the run has broken first, as it stands in
// docs/reference/invariants.md; "" for none.
func (r *Report) Rule() string { return r.rule() }

// decided plays decisions, and 0 everywhere else.
type decided struct {
	labels      map[string]*asked
	unreachable *Decision // the first whose value is none of its choice's
	n           int       // which has so many
}

// asked is what is decided of the choices of one label.
type asked struct {
	count int
	rest  []Decision // in the order of their turns
}

func (r Recording) choices() *decided {
	d := &decided{labels: map[string]*asked{}}
	for _, one := range r.Decisions {
		of := d.labels[one.Label]
		if of == nil {
			of = &asked{}
			d.labels[one.Label] = of
		}
		of.rest = append(of.rest, one)
	}
	return d
}

// Choose returns the value that was decided for this turn of the label. A value that
// is too large for its choice is taken modulo n, which a shrinker may come to.
func (d *decided) Choose(label string, n int) int {
	of := d.labels[label]
	if of == nil {
		return 0
	}
	of.count++
	if len(of.rest) == 0 || of.rest[0].Nth != of.count {
		return 0
	}
	v := of.rest[0].Value
	if v >= n && d.unreachable == nil {
		d.unreachable, d.n = &of.rest[0], n
	}
	of.rest = of.rest[1:]
	return v % n
}

// decisions are those of the choices made that are not 0.
func decisions(made []fakesys.Choice) (all []Decision) {
	count := map[string]int{}
	for _, c := range made {
		if count[c.Label]++; c.Value != 0 {
			all = append(all, Decision{c.Label, count[c.Label], c.Value})
		}
	}
	return all
}

// Found tells, for a person, what is wrong with a run.
func (r *Report) Found() string {
	if !r.Failed() {
		return "no invariant was violated"
	}
	return fmt.Sprint("broken at ", strings.Join(r.Violations, "\nbroken at "))
}
