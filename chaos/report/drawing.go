package report

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/sim/timeline"
)

var tones = map[string]timeline.Tone{
	"stopped": timeline.Idle, "starting": timeline.Rising, "running": timeline.Well, "backoff": timeline.Waiting,
	"stopping": timeline.Ending, "exited": timeline.Done, "failed": timeline.Bad,
}

// SVG draws the run: a lane for each service, its states as bars, and faults as marks.
func SVG(r Result) []byte { return timeline.SVG(r.chart()) }

func (r Result) chart() timeline.Chart {
	h := r.History
	c := timeline.Chart{Title: fmt.Sprintf("gosv chaos: %s, seed %d", r.Outcome(), h.Plan.Seed), End: h.End.At, Linear: true, Notes: []string{
		fmt.Sprintf("exit status %d; %s", r.Status, r.Command),
	}}
	for _, s := range h.Phases {
		m := timeline.Mark{At: s.From, Kind: timeline.Event, Tip: fmt.Sprintf("%s from %s to %s", s.Phase, short(s.From), short(s.To))}
		if s.Phase != chaos.Heal { // which takes no time as a rule
			m.Label = string(s.Phase)
		}
		c.Marks = append(c.Marks, m)
	}
	for _, d := range h.Injections {
		if chaos.Catalogue[d.Fault].TargetsSupervisor && d.Skipped == "" {
			tip := fmt.Sprintf("%s %s", d.Fault, d.Arg)
			c.Marks = append(c.Marks, timeline.Mark{At: d.At, Kind: timeline.Fault, Tip: tip}, timeline.Mark{At: d.UndoneAt, Kind: timeline.Event, Tip: tip + " is undone"})
		}
	}
	for _, svc := range h.Services {
		c.Lanes = append(c.Lanes, lane(h, svc.Name))
	}
	return c
}

func lane(h chaos.History, service string) timeline.Lane {
	l := timeline.Lane{Name: service}
	var state string
	var since time.Duration
	draw := func(until time.Duration) {
		if state != "" && until > since {
			l.Bars = append(l.Bars, timeline.Bar{From: since, To: until, Tone: tones[state], Label: state, Tip: fmt.Sprintf("%s is %s for %s", service, state, short(until-since))})
		}
	}
	for _, e := range h.Events {
		if e.Service != service {
			continue
		}
		draw(e.At)
		state, since = e.To, e.At
	}
	draw(h.End.At)
	for _, d := range h.Injections {
		if d.Service == service && d.Skipped == "" {
			l.Marks = append(l.Marks, timeline.Mark{At: d.At, Kind: timeline.Fault, Tip: fmt.Sprintf("%s %s of PID %d", d.Fault, d.Arg, d.Pid)})
		}
	}
	for _, p := range h.Processes {
		if p.Service == service && p.ExitedAt != 0 {
			l.Marks = append(l.Marks, timeline.Mark{At: p.ExitedAt, Kind: timeline.Exit, Tip: fmt.Sprintf("PID %d ended: %v", p.Pid, p.Exit)})
		}
	}
	return l
}
