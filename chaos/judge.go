package chaos

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/config"
)

// Rules are what a run is judged by, besides the configuration.
type Rules struct {
	// Slack is how late each step of a restart may be.
	Slack       time.Duration
	AllowGiveUp bool
	// Faults are the requested kinds: names in [Catalogue], or [AllFaults]. If nil, they
	// are those of the plan.
	Faults []string
	// MaxRecovery limits each recovery; 0 means no limit.
	MaxRecovery time.Duration
	// Regressions are recoveries that are too slow compared with an earlier run, a
	// sentence each. If nil, nothing was compared.
	Regressions []string
}

// DefaultSlack is how late each step of a restart may be by default.
const DefaultSlack = 100 * time.Millisecond

// check decides one verdict.
type check struct {
	number int
	name   string
	// unrequested means that the run did not ask for the verdict; nil means it always does.
	unrequested func(Rules) bool
	// unknown says why the verdict cannot be decided, or ""; nil means it always can.
	unknown func(*judgement) string
	judge   func(*judgement) findings
}

// findings are facts, one sentence each.
type findings struct {
	violations []string // contradict the verdict
	doubts     []string // may contradict it: the history does not decide
	notes      []string // for people
}

func (a *findings) violation(format string, args ...any) {
	a.violations = append(a.violations, fmt.Sprintf(format, args...))
}

func (a *findings) undecided(format string, args ...any) {
	a.doubts = append(a.doubts, fmt.Sprintf(format, args...))
}

func (a *findings) note(format string, args ...any) {
	a.notes = append(a.notes, fmt.Sprintf(format, args...))
}

var checks = []check{
	{1, "stable before the faults", nil, warmUpFailure, func(*judgement) findings { return findings{} }},
	{2, "safety", nil, nil, checkSafety},
	{3, "conservation", nil, nil, checkConservation},
	{4, "schedule", nil, nil, checkSchedule},
	{5, "convergence", nil, notConverged, checkConvergence},
	{6, "bystanders", nil, nil, checkBystanders},
	{7, "shutdown", nil, shutdownUnknown, checkShutdown},
	{8, "no leaks", nil, nil, checkLeaks},
	{9, "enough injected", nil, tooFewInjected, checkInjected},
	{10, "recovery time", func(r Rules) bool { return r.MaxRecovery == 0 }, nil, checkRecoveryTime},
	{11, "no regression", func(r Rules) bool { return r.Regressions == nil }, nil, checkRegression},
}

// judgement is a history with what the checks need of it.
type judgement struct {
	History
	rules    Rules
	services map[string]config.Service
}

// Judge decides every verdict about a run.
func Judge(h History, r Rules) []Verdict {
	t := &judgement{History: h, rules: r, services: map[string]config.Service{}}
	for _, svc := range h.Services {
		t.services[svc.Name] = svc
	}
	var verdicts []Verdict
	for _, c := range checks {
		verdicts = append(verdicts, c.run(t))
	}
	return verdicts
}

func (c check) run(t *judgement) Verdict {
	v := Verdict{Number: c.number, Name: c.name, Outcome: Pass}
	if c.unrequested != nil && c.unrequested(t.rules) {
		v.Outcome = NotRun
		return v
	}
	if why := c.undecidable(t); why != "" {
		v.Outcome, v.Evidence = Inconclusive, []string{why}
		return v
	}
	a := c.judge(t)
	switch {
	case len(a.violations) > 0:
		v.Outcome = Fail
	case len(a.doubts) > 0:
		v.Outcome = Inconclusive
	}
	v.Evidence, v.Violations = slices.Concat(a.violations, a.doubts, a.notes), len(a.violations)
	return v
}

// undecidable says why a verdict cannot be decided, or "". If the services were not
// stable before the faults, only what must hold at every moment is judged, and how
// the supervisor crashed.
func (c check) undecidable(t *judgement) string {
	if c.unknown != nil {
		if why := c.unknown(t); why != "" {
			return why
		}
	}
	if len(t.Phases) == 0 {
		return strings.TrimSuffix("nothing was started: "+t.Aborted, ": ")
	}
	if always := c.number <= 2 || c.number == 7 && t.Crashed(); !always && warmUpFailure(t) != "" {
		return "the services were not stable before the faults"
	}
	return ""
}

// span returns a phase, and whether it began.
func (t *judgement) span(p Phase) (Span, bool) {
	for _, s := range t.Phases {
		if s.Phase == p {
			return s, true
		}
	}
	return Span{}, false
}

func warmUpFailure(t *judgement) string {
	s, _ := t.span(WarmUp)
	return s.Failure
}

// notConverged says why convergence cannot be decided, or "".
func notConverged(t *judgement) string {
	switch s, ok := t.span(Settle); {
	case !ok:
		return "the run ended before its services could settle"
	case s.Failure == Interrupted:
		return Interrupted
	}
	return t.whyEndedByItself()
}

// checkConvergence: every service is stable again after the faults.
func checkConvergence(t *judgement) (a findings) {
	s, _ := t.span(Settle)
	if s.Failure != "" {
		a.violation("%s", s.Failure)
		return a
	}
	a.note("every service was stable %v after the last fault was undone", (s.To - s.From).Round(time.Millisecond))
	return a
}

// checkLeaks: nothing remains of services that ended.
func checkLeaks(t *judgement) (a findings) {
	for _, l := range t.Leaks {
		a.violation("left behind: %s %s", l.Kind, l.What)
	}
	return a
}

// observedProcesses returns the main processes of a service that the observer saw.
func (t *judgement) observedProcesses(service string) (records []ProcessRecord) {
	for _, l := range t.Processes {
		if l.Service == service {
			records = append(records, l)
		}
	}
	return records
}

// whyEndedByItself explains that the supervisor ended because no service was left,
// or returns "".
func (t *judgement) whyEndedByItself() string {
	if t.EndedByItself() {
		return fmt.Sprintf("no service was left to run, so the supervisor ended with status %d before it was asked to", t.End.Status)
	}
	return ""
}
