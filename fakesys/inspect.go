package fakesys

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// Process is the state of one process as the kernel knows it.
type Process struct {
	Pid, Ppid, Pgid, Sid int
	State                byte          // R, S, D, T or Z as in /proc/PID/stat
	Start                time.Duration // when it was forked
	Path                 string
	Args                 []string
	Env                  []string
	Cgroup               string      // as in /proc/PID/cgroup, "" without cgroups
	Spawn                sys.SpawnID // the request that created it; 0 if another process forked it
	Status               sys.Status  // of a zombie
	Frozen               bool
	Traced               bool // its tracer waits for its exit first
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

// Processes returns the process table, ordered by PID.
func (w *World) Processes() []Process {
	var all []Process
	for _, p := range w.table.byPid {
		if p != nil {
			all = append(all, p.snapshot())
		}
	}
	return all
}

// Process returns one process, which may be a zombie.
func (w *World) Process(pid int) (Process, bool) {
	p := w.find(pid)
	if p == nil {
		return Process{}, false
	}
	return p.snapshot(), true
}

// TerminalGroup is the foreground process group of the terminal (tcgetpgrp(3)).
func (w *World) TerminalGroup() int { return w.tty.foreground }

// TerminalModes are the modes of the terminal (tcgetattr(3)).
func (w *World) TerminalModes() syscall.Termios { return w.tty.modes }

// Version changes whenever the process table does, so that a checker can skip unchanged
// tables.
func (w *World) Version() uint64 { return w.table.version }

// SignalLog returns every signal sent so far by any process, except SIGCHLD.
func (w *World) SignalLog() []SignalRecord { return slices.Clone(w.sent) }

// LogSignals turns the signal log on or off. A long run may use OnNote instead.
func (w *World) LogSignals(on bool) { w.logSent = on }

// Console returns what processes wrote to gosv's own output, which they inherited.
func (w *World) Console() string { return string(w.console) }

// Steps counts the calls through the seam and the events of the world.
func (w *World) Steps() int { return w.steps }

// OnStep calls f after every call and every event.
func (w *World) OnStep(f func()) { w.onStep = append(w.onStep, f) }

// At schedules an action of the world. An instant in the past means now.
func (w *World) At(t time.Duration, label string, f func()) {
	w.after(max(0, t-w.now), label, f).cause = 0 // nothing in this machine is
}
