package sim

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// The external actions of gosv chaos (package chaos), which no generated scenario has.
const (
	KillMember    Interference = "kill a process, and not the main one, of"
	KillFamily    Interference = "kill every process of"
	KillCgroup    Interference = "kill the cgroup of"
	ChangeProgram Interference = "kill, and change for one start the program of"
)

// Next is what a program is for one start.
type Next struct {
	File   fakesys.FileKind
	Script string // of a Program
}

func (n Next) String() string {
	if n.File == fakesys.Program {
		return "{" + n.Script + "}"
	}
	return fileText(n.File)
}

// chaosFaults perform these actions on a service whose main process lives.
var chaosFaults = map[Interference]func(*checker, Action){
	KillMember: func(c *checker, a Action) { c.killSome(a, false) },
	KillFamily: func(c *checker, a Action) { c.killSome(a, true) },
	KillCgroup: func(c *checker, a Action) {
		main := c.byName[a.Service].main
		if p, ok := c.k.Process(main); ok && p.Cgroup != c.ownGroup() {
			c.byName[a.Service].interfered = true
			c.k.KillCgroup(main)
		}
	},
	ChangeProgram: func(c *checker, a Action) {
		t := c.byName[a.Service]
		t.changed, t.interfered = true, true
		c.put(t.svc.Command, a.Next)
		_ = c.k.Kill(t.main, syscall.SIGKILL) // ESRCH: it went by itself
	},
}

// put makes the program at a path something else.
func (c *checker) put(path string, n Next) {
	if n.File == fakesys.Program {
		c.k.AddProgram(path, n.Script)
		return
	}
	c.k.AddFile(path, n.File)
}

// killSome kills the first of the other processes of a service, or all of them and
// the main one, which comes last.
func (c *checker) killSome(a Action, all bool) {
	t := c.byName[a.Service]
	t.interfered = true
	for _, p := range c.k.Processes() {
		if p.Pid == t.main || p.State == 'Z' || c.instanceOf[p.Pid] == nil || c.instanceOf[p.Pid] != c.instanceOf[t.main] {
			continue
		}
		_ = c.k.Kill(p.Pid, syscall.SIGKILL)
		if !all {
			return
		}
	}
	if all {
		_ = c.k.Kill(t.main, syscall.SIGKILL)
	}
}

// mayActNow reports whether an action that waits may be done now. One whose service is on
// its way waits for it; any other is left out.
func (c *checker) mayActNow(a *Action) bool {
	if c.over {
		return false
	}
	if t := c.byName[a.Service]; t != nil {
		why, passing := t.refuses(*a, c.k.Now())
		late := c.k.Now() - a.At - a.Within
		switch {
		case late > 0:
			c.skip(*a, "it was away for too long")
			return false
		case passing && late < 0:
			t.waiting = append(t.waiting, *a)
			return false
		case why != "":
			c.skip(*a, why)
			return false
		}
	}
	c.r.Done++
	a.At = c.k.Now()
	return true
}

// refuses says why an action must not be done now, so that a gosv that keeps to its
// policy cannot be blamed, and whether that may pass.
func (t *serviceModel) refuses(a Action, now time.Duration) (why string, passing bool) {
	attempt := t.attempt
	if t.main != 0 && now-t.instance.born >= t.svc.Backoff.ResetAfter {
		attempt = 0
	}
	switch {
	case t.phase != lifecycle.Running.String():
		return "it is " + t.phase, t.phase == lifecycle.Backoff.String() || t.phase == lifecycle.Starting.String()
	case t.main == 0:
		return "its process is gone", true
	case a.Costs > 0 && t.svc.Restart == config.RestartNever:
		return "it would not be restarted", false
	case a.Costs > 0 && t.svc.MaxRestarts != config.Unlimited && attempt+a.Costs > t.svc.MaxRestarts:
		return fmt.Sprintf("it would be its restart %d in a row, and max_restarts is %d", attempt+a.Costs, t.svc.MaxRestarts), false
	}
	return "", false
}

func (c *checker) skip(a Action, why string) {
	c.r.Spared = append(c.r.Spared, fmt.Sprintf("%s, at %v: %s", a.what(), a.At, why))
}

// skipWaiting leaves out what still waits when the run ends.
func (c *checker) skipWaiting() {
	for _, t := range c.order {
		for _, a := range t.waiting {
			c.skip(a, "it is "+t.phase)
		}
		t.waiting = nil
	}
}

// afterChange returns a service its program back once it was started or could not be,
// and does what has waited for it.
func (c *checker) afterChange(t *serviceModel, ch supervisor.Change) {
	running := ch.State.Phase == lifecycle.Running
	if t.changed && (running || ch.Cause == lifecycle.SpawnFailed) {
		t.changed = false
		c.put(t.svc.Command, Next{t.svc.File, t.svc.Script})
	}
	if !running {
		return
	}
	for _, a := range slices.Clone(t.waiting) {
		c.k.At(c.k.Now(), a.what(), func() { c.act(a) })
	}
	t.waiting = nil
}

// EndAfter has gosv end so long after an instant that everything can come back
// before, and must have.
func (s *Scenario) EndAfter(last time.Duration) { s.EndAt = last + s.convergence() + time.Second }
