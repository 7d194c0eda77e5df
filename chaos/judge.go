package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Rules are what a run is judged by beside the configuration.
type Rules struct {
	// Slack is what a machine may take beyond the schedule of a delay.
	Slack       time.Duration
	AllowGiveUp bool
}

// DefaultSlack is the bound of a restart beyond its schedule.
const DefaultSlack = 100 * time.Millisecond

// question is one verdict: its answer is a list of what is wrong.
type question struct {
	number int
	name   string
	// unknown says why it cannot be answered; "": it can.
	unknown func(*trial) string
	// wrong are the facts that contradict it, and shown those for people.
	answer func(*trial) (wrong, shown []string)
}

var questions = []question{
	{1, "steady before", warmUpFailed, nothingWrong},
	{2, "safety", nil, safety},
	{3, "conservation", nil, conservation},
	{4, "schedule", nil, schedule},
	{5, "convergence", notSettled, convergence},
	{6, "bystanders", nil, bystanders},
	{7, "shutdown", nothingLeftToRun, shutdown},
	{8, "no leaks", nil, leaks},
	{9, "enough injected", tooLittle, injected},
	{10, "trace inclusion", noTrace, trace},
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
	if q.unknown != nil {
		if why := q.unknown(t); why != "" {
			v.Outcome, v.Evidence = Inconclusive, []string{why}
			return v
		}
	}
	wrong, shown := q.answer(t)
	if len(wrong) > 0 {
		v.Outcome = Fail
	}
	v.Evidence = append(wrong, shown...)
	return v
}

// Sum is the outcome of all: a failure outweighs what nothing can be said about,
// unless the services were not steady before anything was done to them.
func Sum(verdicts []Verdict) Outcome {
	sum := Pass
	for _, v := range verdicts {
		switch {
		case v.Number == 1 && v.Outcome == Inconclusive:
			return Inconclusive
		case v.Outcome == Fail:
			return Fail
		case v.Outcome == Inconclusive && v.Number != optional:
			sum = Inconclusive
		}
	}
	return sum
}

// optional is the number of the verdict that a run may do without.
const optional = 10

func nothingWrong(*trial) (wrong, shown []string) { return nil, nil }

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
	if _, ok := t.span(Settle); !ok {
		return "the run ended before it could settle"
	}
	return ""
}

func convergence(t *trial) (wrong, shown []string) {
	s, _ := t.span(Settle)
	if s.Failure != "" {
		return []string{s.Failure}, nil
	}
	return nil, []string{fmt.Sprintf("every service was steady %v after the last fault was undone", (s.To - s.From).Round(time.Millisecond))}
}

// bystanders: a service that was not hit keeps its process until the shutdown.
func bystanders(t *trial) (wrong, shown []string) {
	hit := map[string]bool{}
	for _, d := range t.Hits {
		hit[d.Service] = hit[d.Service] || d.Skipped == ""
	}
	end, told := t.span(Shutdown)
	kept := 0
	for _, svc := range t.Services {
		if hit[svc.Name] {
			continue
		}
		lives := t.livesOf(svc.Name)
		switch {
		case len(lives) > 1:
			wrong = append(wrong, fmt.Sprintf("%s was not hit, and had %d main processes", svc.Name, len(lives)))
		case len(lives) == 1 && lives[0].Gone != 0 && (!told || lives[0].Gone < end.From):
			wrong = append(wrong, fmt.Sprintf("%s was not hit, and its process %d ended at %v", svc.Name, lives[0].Pid, lives[0].Gone))
		default:
			kept++
		}
	}
	return wrong, []string{fmt.Sprintf("%d services were not hit and kept their process", kept)}
}

func (t *trial) livesOf(service string) (lives []Life) {
	for _, l := range t.Lives {
		if l.Service == service {
			lives = append(lives, l)
		}
	}
	return lives
}

// EndedByItself tells whether the supervisor ended by its own rule: no service was
// left to run.
func (h History) EndedByItself() bool {
	last := map[string]string{}
	for _, e := range h.Told {
		last[e.Service] = e.To
	}
	over := []string{lifecycle.Failed.String(), lifecycle.Exited.String()}
	for _, svc := range h.Services {
		if !slices.Contains(over, last[svc.Name]) {
			return false
		}
	}
	return h.End.Early && h.End.Status < 128
}

func nothingLeftToRun(t *trial) string {
	if t.EndedByItself() {
		return fmt.Sprintf("no service was left to run, so that the supervisor ended with status %d before it was told to", t.End.Status)
	}
	return ""
}

// shutdown: within the longest stop_timeout and the time that KILL may take.
func shutdown(t *trial) (wrong, shown []string) {
	s, ok := t.span(Shutdown)
	if !ok || t.End.Early {
		return []string{fmt.Sprintf("the supervisor ended with status %d before it was told to", t.End.Status)}, nil
	}
	var longest time.Duration
	for _, svc := range t.Services {
		longest = max(longest, svc.StopTimeout)
	}
	limit := longest + lifecycle.KillWait + t.rules.Slack
	took := t.End.At - s.From
	switch {
	case t.End.Hung:
		wrong = append(wrong, fmt.Sprintf("the supervisor did not end in %v and was killed", took))
	case took > limit:
		wrong = append(wrong, fmt.Sprintf("the shutdown took %v, and may take %v", took, limit))
	}
	if t.End.Status != 0 {
		wrong = append(wrong, fmt.Sprintf("the supervisor ended with status %d", t.End.Status))
	}
	return wrong, []string{fmt.Sprintf("the shutdown took %v of at most %v", took.Round(time.Millisecond), limit)}
}

func leaks(t *trial) (wrong, shown []string) {
	for _, l := range t.Leaks {
		wrong = append(wrong, fmt.Sprintf("left behind: %s %s", l.Kind, l.What))
	}
	return wrong, nil
}

func (t *trial) done() (done, skipped []Done) {
	for _, d := range t.Hits {
		if d.Skipped == "" {
			done = append(done, d)
		} else {
			skipped = append(skipped, d)
		}
	}
	return done, skipped
}

// tooLittle: with nothing done, or hardly anything of what was planned, nothing
// was tried.
func tooLittle(t *trial) string {
	done, _ := t.done()
	if n := len(t.Plan.Hits); len(done) == 0 || len(done)*4 < n {
		return fmt.Sprintf("%d of %d planned faults were done", len(done), n)
	}
	return ""
}

func injected(t *trial) (wrong, shown []string) {
	done, skipped := t.done()
	return nil, []string{fmt.Sprintf("%d of %d planned faults were done, %d were skipped", len(done), len(t.Plan.Hits), len(skipped))}
}

func noTrace(t *trial) string {
	if !t.Trace.Checked {
		return "no trace was recorded"
	}
	return ""
}

func trace(t *trial) (wrong, shown []string) {
	if t.Trace.Divergence != "" {
		return []string{t.Trace.Divergence}, nil
	}
	return nil, []string{fmt.Sprintf("the simulated kernel admits all %d recorded calls", t.Trace.Calls)}
}
