package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosv/gosv/fakesys"
)

// Replay plays a recording: the choices of a run of a generated scenario, as
// numbers with spaces between them. What follows a # on a line is for people.
func Replay(recording string) (Scenario, *Report, error) {
	var values []int
	for i, line := range strings.Split(recording, "\n") {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			v, err := strconv.Atoi(word)
			if err != nil || v < 0 {
				return Scenario{}, nil, fmt.Errorf("line %d: %q is no choice", i+1, word)
			}
			values = append(values, v)
		}
	}
	choices := fakesys.FromList(values)
	s := Generate(choices)
	return s, s.RunTraced(choices), nil
}

// Recording writes down what Replay plays, with the scenario as a comment.
func Recording(values []int) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(Generate(fakesys.FromList(values)).String()), "\n") {
		fmt.Fprintln(&b, "#", line)
	}
	for chunk := range slices.Chunk(trim(values), 30) {
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
