package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gosv/gosv/fakesys"
)

// Replay plays a recording: a scenario, as one line of JSON, and the choices of
// its run, as numbers with spaces between them, or the text of a [Plan]. Lines that
// begin with # are for people.
func Replay(recording string) (Scenario, *Report, error) {
	if planned.MatchString(recording) {
		p, err := ParsePlan(recording)
		if err != nil {
			return Scenario{}, nil, err
		}
		return p.Trace()
	}
	s, values, err := read(recording)
	if err != nil {
		return Scenario{}, nil, err
	}
	return s, s.RunTraced(fakesys.FromList(values)), nil
}

func read(recording string) (s Scenario, values []int, err error) {
	for i, line := range strings.Split(recording, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "{"):
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				return s, nil, fmt.Errorf("line %d is no scenario: %w", i+1, err)
			}
			continue
		}
		for _, word := range strings.Fields(line) {
			v, err := strconv.Atoi(word)
			if err != nil || v < 0 {
				return s, nil, fmt.Errorf("line %d: %q is no choice", i+1, word)
			}
			values = append(values, v)
		}
	}
	if len(s.Services) == 0 {
		return s, nil, errors.New("there is no scenario: a line of JSON with services")
	}
	return s, values, nil
}

var planned = regexp.MustCompile(`(?m)^library `)

// Recording writes down what Replay plays: the scenario that Generate makes of
// choices, in words and as JSON, and the choices that are left for its run.
func Recording(values []int) string {
	rec := &fakesys.Recorder{From: fakesys.FromList(values)}
	s := Generate(rec)
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a scenario is data
	}
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(s.String()), "\n") {
		fmt.Fprintln(&b, "#", line)
	}
	fmt.Fprintf(&b, "%s\n", text)
	for chunk := range slices.Chunk(trim(values[min(len(rec.Made), len(values)):]), 30) {
		fmt.Fprintln(&b, strings.Trim(fmt.Sprint(chunk), "[]"))
	}
	return b.String()
}

// Shrink looks for a simpler run that breaks the same invariant first: fewer
// choices, and more of them 0. It plays at most so many runs.
func Shrink(values []int, runs int) []int {
	rule := firstRule(values)
	try := func(candidate []int) bool {
		if runs--; runs < 0 || firstRule(candidate) != rule {
			return false
		}
		values = trim(candidate)
		return true
	}
	for cut := len(values) / 2; cut > 0; cut /= 2 {
		for cut <= len(values) && try(values[:len(values)-cut]) {
		}
	}
	for size := max(1, len(values)/2); ; size /= 2 {
		for at := 0; at < len(values); at += size {
			end := min(at+size, len(values))
			if zero(values[at:end]) {
				continue
			}
			try(slices.Concat(values[:at], make([]int, end-at), values[end:]))
		}
		if size <= 1 || runs < 0 {
			return values
		}
	}
}

// firstRule is the invariant that a run breaks first, "" for none.
func firstRule(values []int) string {
	choices := fakesys.FromList(values)
	r := Generate(choices).Run(choices)
	return r.rule()
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

func zero(values []int) bool {
	return !slices.ContainsFunc(values, func(v int) bool { return v != 0 })
}

// trim drops the zeros at the end, which a list gives when it is used up.
func trim(values []int) []int {
	for len(values) > 0 && values[len(values)-1] == 0 {
		values = values[:len(values)-1]
	}
	return values
}
