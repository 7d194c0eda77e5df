package chaos

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/config"
)

// Rules are what a run is judged by beside the configuration.
type Rules struct {
	// Slack is what a machine may take beyond the schedule of a delay.
	Slack       time.Duration
	AllowGiveUp bool
	// Faults are the kinds that were asked for: names in [Catalogue], or [AllFaults].
	// Nil: those of the plan.
	Faults []string
}

// DefaultSlack is the bound of a restart beyond its schedule.
const DefaultSlack = 100 * time.Millisecond

// question is one verdict.
type check struct {
	number int
	name   string
	// unknown says why it cannot be answered; "": it can.
	unknown func(*judgement) string
	judge   func(*judgement) findings
}

// answer are facts, a sentence each.
type findings struct {
	violations []string // they contradict the verdict
	doubts     []string // they may, and nobody can tell
	notes      []string // for people
}

func (a *findings) violation(format string, args ...any) {
	a.violations = append(a.violations, fmt.Sprintf(format, args...))
}
func (a *findings) doubt(format string, args ...any) {
	a.doubts = append(a.doubts, fmt.Sprintf(format, args...))
}
func (a *findings) note(format string, args ...any) {
	a.notes = append(a.notes, fmt.Sprintf(format, args...))
}

var checks = []check{
	{1, "steady before", warmUpFailure, noFindings},
	{2, "safety", nil, checkSafety},
	{3, "conservation", nil, checkConservation},
	{4, "schedule", nil, checkSchedule},
	{5, "convergence", notConverged, checkConvergence},
	{6, "bystanders", nil, checkBystanders},
	{7, "shutdown", shutdownUnknown, checkShutdown},
	{8, "no leaks", nil, checkLeaks},
	{9, "enough injected", tooFewInjected, checkInjected},
}

// trial is a history with what the questions need of it.
type judgement struct {
	History
	rules    Rules
	services map[string]config.Service
}

// Judge answers every question about a run. A question after a phase that never
// began is inconclusive.
func Judge(h History, r Rules) []Verdict {
	t := &judgement{History: h, rules: r, services: map[string]config.Service{}}
	for _, svc := range h.Services {
		t.services[svc.Name] = svc
	}
	var verdicts []Verdict
	for _, q := range checks {
		verdicts = append(verdicts, q.run(t))
	}
	return verdicts
}

func (q check) run(t *judgement) Verdict {
	v := Verdict{Number: q.number, Name: q.name, Outcome: Pass}
	if why := q.undecidable(t); why != "" {
		v.Outcome, v.Evidence = Inconclusive, []string{why}
		return v
	}
	a := q.judge(t)
	switch {
	case len(a.violations) > 0:
		v.Outcome = Fail
	case len(a.doubts) > 0:
		v.Outcome = Inconclusive
	}
	v.Evidence, v.Wrong = slices.Concat(a.violations, a.doubts, a.notes), len(a.violations)
	return v
}

// whyNot says why a question cannot be answered. Where the services were not steady
// nothing was tried: only what must hold at every moment is asked, and how a crash was.
func (q check) undecidable(t *judgement) string {
	if q.unknown != nil {
		if why := q.unknown(t); why != "" {
			return why
		}
	}
	if len(t.Phases) == 0 {
		return strings.TrimSuffix("nothing was started: "+t.Aborted, ": ")
	}
	if atAnyTime := q.number <= 2 || q.number == 7 && t.Crashed(); !atAnyTime && warmUpFailure(t) != "" {
		return "the services were not steady before"
	}
	return ""
}

func noFindings(*judgement) findings { return findings{} }

// span gives a phase, and whether it began.
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

func notConverged(t *judgement) string {
	switch s, ok := t.span(Settle); {
	case !ok:
		return "the run ended before it could settle"
	case s.Failure == Interrupted:
		return Interrupted
	}
	return endedByItselfReason(t)
}

func checkConvergence(t *judgement) (a findings) {
	s, _ := t.span(Settle)
	if s.Failure != "" {
		a.violation("%s", s.Failure)
		return a
	}
	a.note("every service was steady %v after the last fault was undone", (s.To - s.From).Round(time.Millisecond))
	return a
}

func (t *judgement) observedProcesses(service string) (lives []ProcessRecord) {
	for _, l := range t.Processes {
		if l.Service == service {
			lives = append(lives, l)
		}
	}
	return lives
}

func endedByItselfReason(t *judgement) string {
	if t.EndedByItself() {
		return fmt.Sprintf("no service was left to run, so that the supervisor ended with status %d before it was told to", t.End.Status)
	}
	return ""
}

// notAwaited says why nobody knows how the shutdown went.
func shutdownUnknown(t *judgement) string {
	if t.End.Hung && t.Aborted == Interrupted {
		return "the supervisor was killed: it was not waited for, since the run was interrupted"
	}
	if t.End.Refused {
		return fmt.Sprintf("the supervisor ended with status %d: it cannot run here", t.End.Status)
	}
	return endedByItselfReason(t)
}

// shutdown: within the longest stop_timeout and the time that KILL may take, and each
// service within its own.
func checkShutdown(t *judgement) (a findings) {
	s, ok := t.span(Shutdown)
	if !ok || t.End.Early {
		a.violation("the supervisor ended with status %d before it was told to", t.End.Status)
		return a
	}
	var longest time.Duration
	for _, svc := range t.Services {
		longest = max(longest, svc.StopTimeout)
	}
	limit := longest + killTimeout + t.rules.Slack
	took := t.End.At - s.From
	switch {
	case t.End.Hung:
		a.violation("the supervisor did not end in %v and was killed", took)
	case took > limit:
		a.violation("the shutdown took %v, and may take %v", took, limit)
	}
	if t.End.Status != 0 {
		a.violation("the supervisor ended with status %d", t.End.Status)
	}
	t.checkStops(s.From, &a)
	a.note("the shutdown took %v of at most %v", took.Round(time.Millisecond), limit)
	return a
}

func checkLeaks(t *judgement) (a findings) {
	for _, l := range t.Leaks {
		a.violation("left behind: %s %s", l.Kind, l.What)
	}
	return a
}
