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
type question struct {
	number int
	name   string
	// unknown says why it cannot be answered; "": it can.
	unknown func(*trial) string
	answer  func(*trial) answer
}

// answer are facts, a sentence each.
type answer struct {
	wrong  []string // they contradict the verdict
	unsure []string // they may, and nobody can tell
	shown  []string // for people
}

func (a *answer) blame(format string, args ...any) {
	a.wrong = append(a.wrong, fmt.Sprintf(format, args...))
}
func (a *answer) doubt(format string, args ...any) {
	a.unsure = append(a.unsure, fmt.Sprintf(format, args...))
}
func (a *answer) show(format string, args ...any) {
	a.shown = append(a.shown, fmt.Sprintf(format, args...))
}

var questions = []question{
	{1, "steady before", warmUpFailed, nothingWrong},
	{2, "safety", nil, safety},
	{3, "conservation", nil, conservation},
	{4, "schedule", nil, schedule},
	{5, "convergence", notSettled, convergence},
	{6, "bystanders", nil, bystanders},
	{7, "shutdown", notAwaited, shutdown},
	{8, "no leaks", nil, leaks},
	{9, "enough injected", tooLittle, injected},
}

// trial is a history with what the questions need of it.
type trial struct {
	History
	rules    Rules
	services map[string]config.Service
}

// Judge answers every question about a run. A question after a phase that never
// began is inconclusive.
func Judge(h History, r Rules) []Verdict {
	t := &trial{History: h, rules: r, services: map[string]config.Service{}}
	for _, svc := range h.Services {
		t.services[svc.Name] = svc
	}
	var verdicts []Verdict
	for _, q := range questions {
		verdicts = append(verdicts, q.ask(t))
	}
	return verdicts
}

func (q question) ask(t *trial) Verdict {
	v := Verdict{Number: q.number, Name: q.name, Outcome: Pass}
	if why := q.whyNot(t); why != "" {
		v.Outcome, v.Evidence = Inconclusive, []string{why}
		return v
	}
	a := q.answer(t)
	switch {
	case len(a.wrong) > 0:
		v.Outcome = Fail
	case len(a.unsure) > 0:
		v.Outcome = Inconclusive
	}
	v.Evidence, v.Wrong = slices.Concat(a.wrong, a.unsure, a.shown), len(a.wrong)
	return v
}

// whyNot says why a question cannot be answered. Where the services were not steady
// nothing was tried: only what must hold at every moment is asked, and how a crash was.
func (q question) whyNot(t *trial) string {
	if q.unknown != nil {
		if why := q.unknown(t); why != "" {
			return why
		}
	}
	if len(t.Phases) == 0 {
		return strings.TrimSuffix("nothing was started: "+t.Cut, ": ")
	}
	if atAnyTime := q.number <= 2 || q.number == 7 && t.Crashed(); !atAnyTime && warmUpFailed(t) != "" {
		return "the services were not steady before"
	}
	return ""
}

func nothingWrong(*trial) answer { return answer{} }

// span gives a phase, and whether it began.
func (t *trial) span(p Phase) (Span, bool) {
	for _, s := range t.Phases {
		if s.Phase == p {
			return s, true
		}
	}
	return Span{}, false
}

func warmUpFailed(t *trial) string {
	s, _ := t.span(WarmUp)
	return s.Failure
}

func notSettled(t *trial) string {
	switch s, ok := t.span(Settle); {
	case !ok:
		return "the run ended before it could settle"
	case s.Failure == Interrupted:
		return Interrupted
	}
	return nothingLeftToRun(t)
}

func convergence(t *trial) (a answer) {
	s, _ := t.span(Settle)
	if s.Failure != "" {
		a.blame("%s", s.Failure)
		return a
	}
	a.show("every service was steady %v after the last fault was undone", (s.To - s.From).Round(time.Millisecond))
	return a
}

func (t *trial) livesOf(service string) (lives []Life) {
	for _, l := range t.Lives {
		if l.Service == service {
			lives = append(lives, l)
		}
	}
	return lives
}

func nothingLeftToRun(t *trial) string {
	if t.EndedByItself() {
		return fmt.Sprintf("no service was left to run, so that the supervisor ended with status %d before it was told to", t.End.Status)
	}
	return ""
}

// notAwaited says why nobody knows how the shutdown went.
func notAwaited(t *trial) string {
	if t.End.Hung && t.Cut == Interrupted {
		return "the supervisor was killed: it was not waited for, since the run was interrupted"
	}
	if t.End.Refused {
		return fmt.Sprintf("the supervisor ended with status %d: it cannot run here", t.End.Status)
	}
	return nothingLeftToRun(t)
}

// shutdown: within the longest stop_timeout and the time that KILL may take, and each
// service within its own.
func shutdown(t *trial) (a answer) {
	s, ok := t.span(Shutdown)
	if !ok || t.End.Early {
		a.blame("the supervisor ended with status %d before it was told to", t.End.Status)
		return a
	}
	var longest time.Duration
	for _, svc := range t.Services {
		longest = max(longest, svc.StopTimeout)
	}
	limit := longest + killTime + t.rules.Slack
	took := t.End.At - s.From
	switch {
	case t.End.Hung:
		a.blame("the supervisor did not end in %v and was killed", took)
	case took > limit:
		a.blame("the shutdown took %v, and may take %v", took, limit)
	}
	if t.End.Status != 0 {
		a.blame("the supervisor ended with status %d", t.End.Status)
	}
	t.stops(s.From, &a)
	a.show("the shutdown took %v of at most %v", took.Round(time.Millisecond), limit)
	return a
}

func leaks(t *trial) (a answer) {
	for _, l := range t.Leaks {
		a.blame("left behind: %s %s", l.Kind, l.What)
	}
	return a
}
