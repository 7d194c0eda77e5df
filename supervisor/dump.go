package supervisor

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/internal/english"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// dumpBound is after which a dump that hangs keeps no other from being made.
const dumpBound = 10 * time.Second

// dumper has everything known about every service written down, for people. The
// looking happens in a job, because /proc of a process can block; one at a time, unless
// one hangs.
type dumper struct {
	*core
	until time.Duration // until then a dump is waited for; 0: none is being made
	maps  bool          // list every memory mapping
}

// startDump begins a dump.
func (s *Supervisor) startDump() {
	d := &dumpTask{
		scanContext: s.scanContext(), now: s.now(), maps: s.dumper.maps, missing: s.cgroups.missing, services: s.services.statuses(),
		spawning: len(s.instances.spawning) > 0, current: s.currentStatus,
	}
	s.dumper.begin(d)
}

// currentStatus is the present status of a service.
func (s *Supervisor) currentStatus(name string) *Status {
	if svc := s.services.find(name); svc != nil {
		return svc.status.Load()
	}
	return &Status{}
}

func (d *dumper) begin(t *dumpTask) {
	if d.now() < d.until {
		d.report(SignalIgnored{level: Info, Signal: syscall.SIGUSR1, Reason: "a dump is being made already"})
		return
	}
	d.until = d.now() + dumpBound
	t.then = func(text string) {
		d.until = 0
		d.reporter.observer.Dumped(text)
	}
	d.submit(t)
}

func (d *dumpTask) run(k sys.JobKernel) func() {
	d.k = k
	parts := d.parts()
	return func() { d.then(d.stillTrue(parts)) }
}

// part is a piece of a dump. One with a status is what was seen of that service's
// process.
type part struct {
	status *Status
	text   string
}

// stillTrue puts the parts together. What was seen under a PID is the service's own only
// if the service still has that process, unreaped: else the PID may have been reused
// meanwhile.
func (d *dumpTask) stillTrue(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		if st := p.status; st != nil {
			if now := d.current(st.Name); now.Pid != st.Pid || now.State.Generation != st.State.Generation {
				p.text = fmt.Sprintf("  process %d ended while it was looked at\n", st.Pid)
			}
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// dumpTask is one dump.
type dumpTask struct {
	scanContext
	k        sys.JobKernel // set when it runs
	now      time.Duration
	maps     bool
	missing  cgroupfs.Findings
	services []*Status
	spawning bool // a spawn is under way
	b        strings.Builder
	current  func(name string) *Status // called in the loop
	then     func(text string)
}

func (d *dumpTask) line(indent int, format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

// cut takes what was written since the last cut.
func (d *dumpTask) cut(st *Status) part {
	text := d.b.String()
	d.b.Reset()
	return part{st, text}
}

func (d *dumpTask) parts() (parts []part) {
	d.line(0, "gosv %d: %s, %s", d.self, english.Count(len(d.services), "service"), d.k.Wall().Format(time.RFC3339))
	for _, m := range d.missing {
		d.line(1, "missing: %s", m)
	}
	parts = append(parts, d.cut(nil))
	for i := range d.services {
		st := d.services[i]
		d.service(st)
		parts = append(parts, d.cut(nil))
		if st.Pid != 0 {
			d.process(st.Pid)
			parts = append(parts, d.cut(st))
		}
		if st.Leaf != "" && d.tree != nil {
			d.cgroup(st.Leaf)
		}
	}
	d.orphans()
	return append(parts, d.cut(nil))
}

func (d *dumpTask) service(st *Status) {
	state := st.State
	d.line(0, "%s: %s", st.Name, d.headline(st))
	d.line(1, "restarts %d in all, attempt %d, generation %d", state.Restarts, state.Attempt, state.Generation)
	if state.Last.Cause != lifecycle.NoOutcome {
		d.line(1, "last exit: %v", state.Last)
	}
}

func (d *dumpTask) headline(st *Status) string {
	state := st.State
	s := state.Phase.String()
	switch {
	case st.Pid != 0:
		s += fmt.Sprintf(", pid %d, up %v", st.Pid, (d.now - state.ExecAt).Round(time.Millisecond))
	case state.Phase == lifecycle.Backoff && state.Deadline != lifecycle.Never:
		s += fmt.Sprintf(", next start in %v", (state.Deadline - d.now).Round(time.Millisecond))
	}
	if state.Stuck {
		s += ", unkillable"
	}
	return s
}
