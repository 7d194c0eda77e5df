package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/fakesys"
)

// Plan is a run of a scenario of the library with some deviations from the one
// without chance. It prints as lines that [ParsePlan] reads:
//
//	library crash-loop-grouped+order
//	fail 12 EMFILE
//	crash 340
//	choose 7 1
type Plan struct {
	Library string // the name of a scenario, and what it is disturbed by
	Fails   []Fail
	Crashes []int // steps
	Choices []Choice

	from int // moments that were before the last deviation, or are it
}

// Choice is a choice that is not 0.
type Choice struct {
	Index int // which of the run's, from 1 on
	Value int
}

// Disturbed are the suffixes that a name in a plan may have. Each makes chance
// out of what is certain without it.
var disturbed = map[string]func(*Scenario){
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

// Scenario gives what the plan plays.
func (p Plan) Scenario() (Scenario, error) {
	words := strings.Split(p.Library, "+")
	s, err := Find(words[0])
	if err != nil {
		return s, err
	}
	for _, word := range words[1:] {
		f := disturbed[word]
		if f == nil {
			return s, fmt.Errorf("%q: a scenario may be disturbed by +order and +late, not by +%s", p.Library, word)
		}
		f(&s)
	}
	s.Fails, s.Crashes = p.Fails, p.Crashes
	return s, nil
}

// Choose gives the choices of the plan, one after the other.
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
	s, err := p.Scenario()
	if err != nil {
		return nil, err
	}
	return s.play(p.source(), nil, nil), nil
}

// Trace plays it and keeps the readable trace.
func (p Plan) Trace() (Scenario, *Report, error) {
	s, err := p.Scenario()
	if err != nil {
		return s, nil, err
	}
	var trace bytes.Buffer
	r := s.play(p.source(), &trace, nil)
	r.Trace = trace.String()
	return s, r, nil
}

// String is the text of the plan.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, "library", p.Library)
	for _, f := range p.Fails {
		fmt.Fprintln(&b, "fail", f.Call, errnoName(f.Errno))
	}
	for _, step := range p.Crashes {
		fmt.Fprintln(&b, "crash", step)
	}
	for _, c := range p.Choices {
		fmt.Fprintln(&b, "choose", c.Index, c.Value)
	}
	return b.String()
}

// ParsePlan reads the text of a plan. What follows a # on a line is for people.
func ParsePlan(text string) (p Plan, err error) {
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			if err := p.parse(words); err != nil {
				return p, fmt.Errorf("line %d: %w", i+1, err)
			}
		}
	}
	if p.Library == "" {
		return p, fmt.Errorf("a plan begins with \"library\" and the name of a scenario")
	}
	return p, nil
}

func (p *Plan) parse(words []string) error {
	want := map[string]int{"library": 1, "fail": 2, "crash": 1, "choose": 2}[words[0]]
	if want == 0 || len(words) != 1+want {
		return fmt.Errorf("%q is no line of a plan: library NAME, fail CALL ERRNO, crash STEP, choose INDEX VALUE", strings.Join(words, " "))
	}
	if words[0] == "library" {
		p.Library = words[1]
		return nil
	}
	n, err := strconv.Atoi(words[1])
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a number from 1 on", words[1])
	}
	switch words[0] {
	case "fail":
		errno, ok := errnos[words[2]]
		if !ok {
			return fmt.Errorf("%q is no errno of the catalogue", words[2])
		}
		p.Fails = append(p.Fails, Fail{n, errno})
	case "crash":
		p.Crashes = append(p.Crashes, n)
	case "choose":
		v, err := strconv.Atoi(words[2])
		if err != nil || v < 0 {
			return fmt.Errorf("%q is no choice", words[2])
		}
		p.Choices = append(p.Choices, Choice{n, v})
	}
	return nil
}

// errnos are those that calls are failed with.
var errnos = map[string]syscall.Errno{
	"E2BIG": syscall.E2BIG, "EACCES": syscall.EACCES, "EAGAIN": syscall.EAGAIN, "EBUSY": syscall.EBUSY, "ECHILD": syscall.ECHILD,
	"EEXIST": syscall.EEXIST, "EINTR": syscall.EINTR, "EINVAL": syscall.EINVAL, "EIO": syscall.EIO, "ELOOP": syscall.ELOOP,
	"EMFILE": syscall.EMFILE, "ENFILE": syscall.ENFILE, "ENODEV": syscall.ENODEV, "ENOENT": syscall.ENOENT, "ENOEXEC": syscall.ENOEXEC,
	"ENOLCK": syscall.ENOLCK, "ENOMEM": syscall.ENOMEM, "ENOSPC": syscall.ENOSPC, "ENOSYS": syscall.ENOSYS, "ENOTDIR": syscall.ENOTDIR,
	"EOPNOTSUPP": syscall.EOPNOTSUPP, "EPERM": syscall.EPERM, "ERANGE": syscall.ERANGE, "EROFS": syscall.EROFS, "ESRCH": syscall.ESRCH,
	"ETXTBSY": syscall.ETXTBSY,
}

func errnoName(errno syscall.Errno) string {
	for name, e := range errnos {
		if e == errno {
			return name
		}
	}
	panic(fmt.Sprintf("sim: errno %d has no name; give it one in plan.go", errno))
}

// Shrink looks for a simpler plan that breaks the same rule: one with fewer
// deviations.
func (p Plan) Shrink() Plan {
	rule := p.rule()
	for smaller := true; smaller; {
		smaller = false
		for _, q := range p.without() {
			if q.rule() == rule {
				p, smaller = q, true
				break
			}
		}
	}
	return p
}

func (p Plan) rule() string {
	r, err := p.Play()
	if err != nil {
		return ""
	}
	return r.rule()
}

// without gives the plans that lack one of its deviations.
func (p Plan) without() (all []Plan) {
	for i := range p.Fails {
		q := p
		q.Fails = slices.Delete(slices.Clone(p.Fails), i, i+1)
		all = append(all, q)
	}
	for i := range p.Crashes {
		q := p
		q.Crashes = slices.Delete(slices.Clone(p.Crashes), i, i+1)
		all = append(all, q)
	}
	for i := range p.Choices {
		q := p
		q.Choices = slices.Delete(slices.Clone(p.Choices), i, i+1)
		all = append(all, q)
	}
	return all
}
