package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Coverage counts the runs of a search that decided each rule.
type Coverage struct {
	Runs  int
	rules [ruleCount]Verdict // in runs
	pairs map[string]int     // in runs
}

// Add counts a run.
func (c *Coverage) Add(r *Report) {
	c.Runs++
	if c.pairs == nil {
		c.pairs = map[string]int{}
	}
	for pair := range r.Pairs {
		c.pairs[pair]++
	}
	v := &r.Verdicts
	for i := range v {
		to, from := &c.rules[i], &v[i]
		switch {
		case from.Decided > 0:
			to.Decided++
			continue
		case from.Lax > 0:
			to.Lax++
			continue
		}
		if why := from.mostFrequent(); why < excuseCount {
			to.Excused[why]++
		}
	}
}

// mostFrequent returns the most frequent excuse, or excuseCount if there is none.
func (v *Verdict) mostFrequent() Excuse {
	best := excuseCount
	for e, n := range v.Excused {
		if n > 0 && (best == excuseCount || n > v.Excused[best]) {
			best = Excuse(e)
		}
	}
	return best
}

// percent returns the share of runs.
func (c *Coverage) percent(n int) float64 { return 100 * float64(n) / float64(max(1, c.Runs)) }

// Below returns the rules that fewer runs have decided, and the pairs of a phase and an
// action that fewer runs have met, than their floors demand.
func (c *Coverage) Below() (all []string) {
	for r := range ruleCount {
		v := &c.rules[r]
		if got := c.percent(v.Decided + v.Lax); got < rules[r].floor {
			all = append(all, fmt.Sprintf("%v: decided in %.2f %% of the runs, at least %g %% are required", r, got, rules[r].floor))
		}
	}
	return append(all, c.belowPairs()...)
}

// String returns a table for a terminal.
func (c *Coverage) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-52s %8s %8s %s\n", "rule", "decided", "laxly", "not decided because")
	for r := range ruleCount {
		v := &c.rules[r]
		fmt.Fprintf(&b, "%-52s %7.2f%% %7.2f%% %s\n", r, c.percent(v.Decided), c.percent(v.Lax), c.excused(v))
	}
	return b.String()
}

// Markdown returns the table of docs/reference/invariants.md.
func (c *Coverage) Markdown() string {
	var b strings.Builder
	b.WriteString("| rule | decided | decided laxly | not decided because | floor |\n|---|---|---|---|---|\n")
	for r := range ruleCount {
		v := &c.rules[r]
		fmt.Fprintf(&b, "| %v | %.1f %% | %.1f %% | %s | %g %% |\n", r, c.percent(v.Decided), c.percent(v.Lax), c.excused(v), rules[r].floor)
	}
	return b.String()
}

// excused lists the excuses of the runs that did not decide a rule, most frequent first.
func (c *Coverage) excused(v *Verdict) string {
	type reason struct {
		why  Excuse
		runs int
	}
	var all []reason
	for e, n := range v.Excused {
		if n > 0 {
			all = append(all, reason{Excuse(e), n})
		}
	}
	slices.SortStableFunc(all, func(a, b reason) int { return cmp.Compare(b.runs, a.runs) })
	var texts []string
	for _, one := range all {
		texts = append(texts, fmt.Sprintf("%v (%.1f %%)", one.why, c.percent(one.runs)))
	}
	return strings.Join(texts, ", ")
}
