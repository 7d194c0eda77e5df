package sim

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Recording is all that it takes to play a run again. It does not depend on what
// [Generate] makes of a seed, and prints as text that [ParseRecording] reads.
type Recording struct {
	Scenario  Scenario
	Decisions []Decision
}

// Decision is a choice that was not 0. It is known by its label and its turn, so
// that it stays what it is when another one goes.
type Decision struct {
	Label string
	Nth   int // of the choices of this label, from 1 on
	Value int
}

func (d Decision) String() string { return fmt.Sprintf("choose %q %d %d", d.Label, d.Nth, d.Value) }

// Operations is how much a person has to think of: services, what happens to them,
// and what chance has done.
func (r Recording) Operations() int {
	s := r.Scenario
	return len(s.Services) + len(s.Actions) + len(s.Fails) + len(s.Slow) + len(s.Crashes) + len(r.Decisions)
}

// String is the text of the recording: the configuration in words, as comments,
// and as one line of JSON, then the decisions, one a line.
func (r Recording) String() string {
	var b strings.Builder
	for line := range strings.Lines(r.Scenario.String()) {
		b.WriteString("# " + line)
	}
	b.Write(r.Scenario.encode())
	for _, d := range r.Decisions {
		fmt.Fprintln(&b, d)
	}
	return b.String()
}

// traced is how much of the end of a trace a file holds.
const traced = 400

// File is the text of a recording as it is kept in a file: what is broken, how to
// play it again, the recording, and the end of the trace. about are lines on where
// it comes from.
func (r Recording) File(name string, about ...string) string {
	report := r.RunTraced()
	var b strings.Builder
	for _, line := range append(append(strings.Split(report.Found(), "\n"), about...),
		"play it:  gosv sim --replay "+name,
		"keep it:  cp "+name+" sim/testdata/regressions/ (every test run plays what is there)", "") {
		fmt.Fprintln(&b, strings.TrimRight("# "+line, " "))
	}
	b.WriteString(r.String())
	lines := strings.SplitAfter(strings.TrimSuffix(report.Trace, "\n"), "\n")
	b.WriteString("#\n")
	if cut := len(lines) - traced; cut > 0 {
		fmt.Fprintf(&b, "# ... %d lines more: gosv sim --replay %s\n", cut, name)
		lines = lines[cut:]
	}
	for _, line := range lines {
		b.WriteString("# " + line)
	}
	return b.String() + "\n"
}

// ParseRecording reads the text of a recording. Lines that begin with # are for
// people; one has the scenario, and those after it the decisions. Whatever could not be
// played as it stands is an error that names the line.
func ParseRecording(text string) (Recording, error) {
	p := parser{last: map[string]int{}}
	for line := range strings.Lines(text) {
		p.number++
		if err := p.line(strings.TrimSpace(line)); err != nil {
			return Recording{}, fmt.Errorf("line %d: %w", p.number, err)
		}
	}
	if !p.begun {
		return Recording{}, errors.New("there is no scenario: a line of JSON with services")
	}
	return p.Recording, nil
}

// parser reads a recording line by line.
type parser struct {
	Recording
	number int
	begun  bool           // it has the scenario
	last   map[string]int // turn of each label that was decided last
}

func (p *parser) line(line string) error {
	switch {
	case line == "", strings.HasPrefix(line, "#"):
		return nil
	case strings.HasPrefix(line, "{"):
		if p.begun {
			return errors.New("this is a second scenario; a recording has one")
		}
		p.begun = true
		if err := decodeStrictly(line, &p.Scenario); err != nil {
			return fmt.Errorf("this is no scenario: %w", err)
		}
		return p.Scenario.Validate()
	}
	d, err := parseDecision(line)
	if err != nil {
		return err
	}
	if !p.begun {
		return errors.New("a choice stands before the scenario")
	}
	if d.Nth <= p.last[d.Label] {
		return fmt.Errorf("choice %d of %q stands after choice %d: they stand in their order, each once", d.Nth, d.Label, p.last[d.Label])
	}
	p.last[d.Label] = d.Nth
	p.Decisions = append(p.Decisions, d)
	return nil
}

// begin quotes the beginning of a line.
func begin(line string) string {
	const most = 60
	if len(line) > most {
		return fmt.Sprintf("%q... (%d bytes)", line[:most], len(line))
	}
	return fmt.Sprintf("%q", line)
}

func parseDecision(line string) (d Decision, err error) {
	wrong := fmt.Errorf("%s is no line of a recording: # comment, {scenario}, choose \"LABEL\" NTH VALUE", begin(line))
	rest, ok := strings.CutPrefix(line, "choose ")
	if !ok {
		return d, wrong
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return d, wrong
	}
	d.Label, _ = strconv.Unquote(quoted) // QuotedPrefix has read it
	words := strings.Fields(rest[len(quoted):])
	if len(words) != 2 {
		return d, wrong
	}
	var errNth, errValue error
	d.Nth, errNth = strconv.Atoi(words[0])
	d.Value, errValue = strconv.Atoi(words[1])
	if errNth != nil || errValue != nil || d.Nth < 1 || d.Value < 1 {
		return d, wrong
	}
	return d, nil
}
