package sim

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sim/timeline"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// tones are the colours of the phases.
var tones = map[lifecycle.Phase]timeline.Tone{
	lifecycle.Stopped: timeline.Idle, lifecycle.Starting: timeline.Rising, lifecycle.Running: timeline.Well, lifecycle.Backoff: timeline.Waiting,
	lifecycle.Stopping: timeline.Ending, lifecycle.Exited: timeline.Done, lifecycle.Failed: timeline.Bad,
}

// timelineBuilder follows a run and draws it: a lane for the machine, one for gosv, one for
// each service. A nil artist draws nothing.
type timelineBuilder struct {
	c     *checker
	chart timeline.Chart
	lanes map[*serviceModel]int
	fault *timeline.Mark // of the machine, whose call has not come yet
}

const (
	machineLane = iota
	gosvLane
	serviceLanes
)

func newTimelineBuilder(c *checker) *timelineBuilder {
	a := &timelineBuilder{c: c, lanes: map[*serviceModel]int{}}
	a.chart.Lanes = []timeline.Lane{{Name: "machine"}, {Name: "gosv"}}
	a.bar(gosvLane, 0, timeline.Well, "lives", "gosv lives")
	for i, t := range c.order {
		a.lanes[t] = serviceLanes + i
		a.chart.Lanes = append(a.chart.Lanes, timeline.Lane{Name: t.svc.Name})
		a.bar(serviceLanes+i, 0, timeline.Idle, "stopped", t.svc.Name+" was not started yet")
	}
	c.k.OnNote(a.note)
	return a
}

// bar ends the present bar of a lane and begins another.
func (a *timelineBuilder) bar(lane int, at time.Duration, tone timeline.Tone, label, tip string) {
	bars := &a.chart.Lanes[lane].Bars
	if n := len(*bars); n > 0 {
		(*bars)[n-1].To = at
	}
	*bars = append(*bars, timeline.Bar{From: at, Tone: tone, Label: label, Tip: tip})
}

func (a *timelineBuilder) mark(lane int, at time.Duration, kind timeline.Kind, format string, args ...any) *timeline.Mark {
	marks := &a.chart.Lanes[lane].Marks
	*marks = append(*marks, timeline.Mark{At: at, Kind: kind, Tip: fmt.Sprintf("%v: ", at) + fmt.Sprintf(format, args...)})
	return &(*marks)[len(*marks)-1]
}

// note draws a line of the trace.
func (a *timelineBuilder) note(n fakesys.Note) {
	switch n.Op {
	case fakesys.EvFault:
		a.fault = a.mark(machineLane, n.At, timeline.Fault, "%s", n.Text)
		return
	case fakesys.EvExec:
		if f := a.c.instanceOf[n.N]; f != nil && f.main == n.N {
			a.mark(a.lanes[f.of], n.At, timeline.Start, "%s is executed as process %d", n.Text, n.N)
		}
	case fakesys.EvExit:
		if f := a.c.instanceOf[n.Who]; f != nil {
			a.mark(a.lanes[f.of], n.At, timeline.Exit, "process %d ends%s", n.Who, endingText(n))
		}
	case fakesys.EvKill:
		a.signal(n)
	case fakesys.EvCrash:
		a.crash(n.At)
	}
	if a.fault != nil && n.Errno != 0 {
		a.fault.Tip += fmt.Sprintf(" (%s %s: %v)", n.Op, n.Text, n.Errno)
		a.fault = nil
	}
}

func (a *timelineBuilder) signal(n fakesys.Note) {
	sig := syscall.Signal(n.M)
	if sig == 0 || sig == syscall.SIGCHLD {
		return
	}
	by, kind := "gosv", timeline.Signal
	if n.Who != a.c.self {
		by, kind = "somebody else", timeline.Command
	}
	if n.N == a.c.self {
		a.mark(gosvLane, n.At, timeline.Command, "SIG%s to gosv", signame.Name(sig))
	} else if f := a.c.instanceOf[n.N]; f != nil {
		a.mark(a.lanes[f.of], n.At, kind, "SIG%s to process %d, by %s", signame.Name(sig), n.N, by)
	}
}

// changed draws what the supervisor says of a service.
func (a *timelineBuilder) changed(t *serviceModel, at time.Duration, to lifecycle.Phase, said string) {
	if t != nil {
		a.bar(a.lanes[t], at, tones[to], to.String(), fmt.Sprintf("%v: %s", at, said))
	}
}

// actionDone draws what was done from outside. A signal is drawn when it is sent.
func (a *timelineBuilder) actionDone(act Action) {
	if a == nil || act.Command == nil && act.Interference == "" {
		return
	}
	lane := gosvLane
	if t := a.c.byName[act.Service]; t != nil {
		lane = a.lanes[t]
	}
	a.mark(lane, a.c.k.Now(), timeline.Command, "%s", act.what())
}

// healed draws the end of all faults.
func (a *timelineBuilder) healed(at time.Duration) {
	if a != nil {
		a.chart.Marks = append(a.chart.Marks, timeline.Mark{At: at, Kind: timeline.Event, Tip: fmt.Sprintf("%v: the faults of the machine stop", at)})
	}
}

// crash draws the death of gosv: nobody knows of the states of services then.
func (a *timelineBuilder) crash(at time.Duration) {
	a.bar(gosvLane, at, timeline.Bad, "again", fmt.Sprintf("%v: gosv is killed, and another one begins", at))
	for _, t := range a.c.order {
		a.bar(a.lanes[t], at, timeline.Idle, "stopped", fmt.Sprintf("%v: the new gosv has not started it yet", at))
	}
}

// finish returns the drawing of a run that is over.
func (a *timelineBuilder) finish(s Scenario, r *Report) timeline.Chart {
	c := a.chart
	c.Title, c.End = fmt.Sprintf("%d services, %d steps, %v", len(s.Services), r.Steps, r.Time), r.Time
	for i := range c.Lanes {
		if n := len(c.Lanes[i].Bars); n > 0 {
			c.Lanes[i].Bars[n-1].To = r.Time
		}
	}
	for _, v := range r.Violations {
		c.Notes = append(c.Notes, v)
		c.Marks = append(c.Marks, timeline.Mark{At: r.Time, Kind: timeline.Violation, Tip: v})
	}
	return c
}

func endingText(n fakesys.Note) string {
	if n.M != 0 {
		return " by SIG" + signame.Name(syscall.Signal(n.M))
	}
	return fmt.Sprintf(" with status %d", n.N)
}
