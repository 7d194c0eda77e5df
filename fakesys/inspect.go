package fakesys

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/sys"
)

// Process is what is true about one process, whatever gosv believes.
type Process struct {
	Pid, Ppid, Pgid, Sid int
	State                byte          // R, S, D, T or Z as in /proc/PID/stat
	Start                time.Duration // birth
	Path                 string
	Args                 []string
	Env                  []string
	Cgroup               string      // as in /proc/PID/cgroup, "" without cgroups
	Spawn                sys.SpawnID // the start that made it; 0 if it was forked
	Status               sys.Status  // of a zombie
	Frozen               bool
	Traced               bool // its zombie is its tracer's
	Sibling              bool // gosv's child, made by one of its children with CLONE_PARENT
	Blocked              bool // in uninterruptible sleep, which a State of Z hides
}

func (p Process) String() string {
	return fmt.Sprintf("%5d %5d %5d %5d %c %-10v %s %s", p.Pid, p.Ppid, p.Pgid, p.Sid, p.State, p.Start, p.Path, strings.Join(p.Args[min(1, len(p.Args)):], " "))
}

// Table prints processes as ps(1) does.
func Table(processes []Process) string {
	var b strings.Builder
	b.WriteString("  PID  PPID  PGID   SID S START      COMMAND\n")
	for _, p := range processes {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}

func (p *process) snapshot() Process {
	s := Process{Pid: p.pid, Pgid: p.pgid, Sid: p.sid, State: p.letter(), Start: p.born, Path: p.path, Args: p.args, Env: p.env, Status: p.status, Frozen: p.frozen(), Traced: p.tracer != nil, Sibling: p.sibling, Blocked: p.hang}
	if p.parent != nil {
		s.Ppid = p.parent.pid
	}
	if p.cgroup != nil {
		s.Cgroup = p.cgroup.path()
	}
	if p.spawn != nil {
		s.Spawn = p.spawn.req.ID
	}
	return s
}

// Processes is the process table, ordered by number.
func (w *World) Processes() []Process {
	var all []Process
	for _, p := range w.table.byPid {
		if p != nil {
			all = append(all, p.snapshot())
		}
	}
	return all
}

// Process gives one process, dead or alive.
func (w *World) Process(pid int) (Process, bool) {
	p := w.find(pid)
	if p == nil {
		return Process{}, false
	}
	return p.snapshot(), true
}

// TerminalGroup is the foreground process group of the terminal (tcgetpgrp(3)).
func (w *World) TerminalGroup() int { return w.tty.foreground }

// Version changes whenever the process table does, so that a checker can save
// its work.
func (w *World) Version() uint64 { return w.table.version }

// SignalLog is every signal sent so far, by anybody; SIGCHLD is left out.
func (w *World) SignalLog() []SignalRecord { return slices.Clone(w.sent) }

// LogSignals turns the signal log off or on: a long run may use OnNote instead.
func (w *World) LogSignals(on bool) { w.logSent = on }

// Console is what was written to gosv's own output by those who inherited it.
func (w *World) Console() string { return string(w.console) }

// Steps counts the calls through the seam and the events of the world.
func (w *World) Steps() int { return w.steps }

// OnStep calls f after every call and every event.
func (w *World) OnStep(f func()) { w.onStep = append(w.onStep, f) }

// At schedules an action of the world. An instant that has passed is now.
func (w *World) At(t time.Duration, label string, f func()) {
	w.after(max(0, t-w.now), label, f).cause = 0 // nothing in this machine is
}
