package sim

import (
	"fmt"
	"strings"

	"github.com/gosv/gosv/fakesys"
)

// Plan is a run of a scenario of the library with some deviations from the one
// without chance.
type Plan struct {
	Library string // the name of a scenario, and suffixes for what disturbs it
	Fails   []Fail
	Slow    []Slow
	Crashes []int // steps
	Choices []Choice

	from int // moments that were before the last deviation, or are it
}

// Choice is a choice that is not 0.
type Choice struct {
	Index int // which of the run's, from 1 on
	Value int
}

// modifiers are the suffixes that a name in a plan may have: "deaf+order". Each makes chance
// out of what is certain without it.
var modifiers = map[string]func(*Scenario){
	// Events of one instant come in any order.
	"order": func(s *Scenario) { s.Machine.Preempt = true },
	// What is told comes late or never, and what is done takes long.
	"late": func(s *Scenario) {
		f := fakesys.Faults{}
		if s.Machine.Faults != nil {
			f = *s.Machine.Faults
		} else {
			f.SlowSpawn, f.SlowSpawnBy = 2, 2e9
		}
		f.LostExit, f.LateExit, f.LateExitBy, f.LostWatch, f.Starve, f.StarveBy = 2, 2, 1e9, 2, 2, 3e9
		s.Machine.Faults = &f
		s.HealAt = s.EndAt
	},
}

// Scenario returns what the plan plays.
func (p Plan) Scenario() (Scenario, error) {
	words := strings.Split(p.Library, "+")
	s, err := Find(words[0])
	if err != nil {
		return s, err
	}
	for _, word := range words[1:] {
		f := modifiers[word]
		if f == nil {
			return s, fmt.Errorf("%q: a scenario may be disturbed by +order and +late, not by +%s", p.Library, word)
		}
		f(&s)
	}
	s.Fails, s.Slow, s.Crashes = p.Fails, p.Slow, p.Crashes
	return s, nil
}

// source returns the choices of the plan, one after the other.
func (p Plan) source() fakesys.Choices {
	made, rest := 0, p.Choices
	return chooser(func(_ string, n int) int {
		if made++; len(rest) == 0 || rest[0].Index != made {
			return 0
		}
		v := rest[0].Value
		rest = rest[1:]
		return v % n
	})
}

// Play plays the plan. A name that is not in the library is an error.
func (p Plan) Play() (*Report, error) {
	if _, err := p.Scenario(); err != nil {
		return nil, err
	}
	return p.play(nil), nil
}

func (p Plan) play(rec *recorder) *Report {
	s, err := p.Scenario()
	if err != nil {
		panic(err) // whoever made it has played it before
	}
	return s.play(p.source(), nil, rec)
}

// Recording returns what it takes to play the plan again, whatever becomes of the
// library.
func (p Plan) Recording() (Recording, error) {
	s, err := p.Scenario()
	if err != nil {
		return Recording{}, err
	}
	r, _ := RecordScenario(s, p.source())
	return r, nil
}
