package sim

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// Interference is an external action on a service's main process or on the machine.
type Interference string

// The external actions. Those on a process have no effect while there is none.
const (
	Freeze     Interference = "freeze the cgroup of" // with For: and thaw it then
	Thaw       Interference = "thaw the cgroup of"
	Evict      Interference = "move all of its cgroup away, and remove that, of"
	Grow       Interference = "have more memory than there is:"
	ChangeUser Interference = "change the user of"
	EndLeader  Interference = "end the first thread of"
	LeaveGroup Interference = "change the process group of"
	Pause      Interference = "stop for a while:"         // For, with STOP and CONT
	StepWall   Interference = "step the wall clock of"    // by For, forwards or back
	Suspend    Interference = "suspend"                   // For
	Neighbour  Interference = "begin another gosv beside" // and move it out of its place
)

// interferences are the actions on services and machines, in the order of Generate.
var interferences = []Interference{Pause, Freeze, Thaw, Evict, Grow, ChangeUser, EndLeader, LeaveGroup, StepWall, Suspend}

func (a Action) interferenceText(whom string) string {
	if a.Interference == ChangeProgram {
		return fmt.Sprintf("%s %s, %s", a.Interference, whom, a.Next)
	}
	if a.For != 0 {
		return fmt.Sprintf("%s %s, %v", a.Interference, whom, a.For)
	}
	return fmt.Sprintf("%s %s", a.Interference, whom)
}

// do performs an external action.
func (c *checker) do(a Action) {
	switch a.Interference {
	case StepWall:
		c.k.StepWall(a.For)
		return
	case Suspend:
		c.k.Suspend(a.For)
		return
	case Pause:
		c.pause(a)
		return
	case Neighbour:
		c.neighbour()
		return
	}
	if deed := chaosFaults[a.Interference]; deed != nil {
		deed(c, a)
		return
	}
	t := c.byName[a.Service]
	if p, ok := c.k.Process(t.main); !ok || p.State == 'Z' || c.instanceOf[t.main] == nil {
		return
	}
	c.meet(t, a)
	t.interfered = true
	f := c.instanceOf[t.main]
	switch a.Interference {
	case Freeze, Thaw:
		if p, _ := c.k.Process(t.main); !c.contains(p.Cgroup, c.ownGroup()) {
			f.frozenAt, f.frozen = c.k.Now(), a.Interference == Freeze
			c.k.Freeze(t.main, a.Interference == Freeze)
			if main := t.main; a.Interference == Freeze && a.For > 0 {
				c.k.At(a.At+a.For, "thaw", func() {
					if t.main == main { // the cgroup of an earlier one went with it
						c.do(Action{At: a.At + a.For, Service: a.Service, Interference: Thaw})
					}
				})
			}
		}
	case Evict:
		if c.s.Machine.Cgroups != nil {
			f.unreachable = f.unreachable || c.hasSibling(f) // no orphan tells of it any more, nor does the cgroup
			f.evicted = true
			c.k.Evict(t.main)
		}
	case Grow:
		c.k.SetMemory(t.main, 1<<50)
	case ChangeUser:
		f.unreachable = true
		c.k.ChangeUser(t.main)
	case EndLeader:
		c.endLeaders(f)
	case LeaveGroup:
		f.leftAt = c.k.Now()
		c.k.LeaveGroup(t.main)
	}
}

// neighbour begins another gosv in gosv's own group.
func (c *checker) neighbour() {
	if c.s.Machine.Cgroups == nil {
		return
	}
	if instance := c.k.Neighbour(); instance != "" {
		c.neighbours = append(c.neighbours, instance)
	}
}

// ofNeighbour reports whether a cgroup belongs to another gosv, which lives.
func (c *checker) ofNeighbour(group string) bool {
	return slices.ContainsFunc(c.neighbours, func(instance string) bool {
		return group == instance || strings.HasPrefix(group, instance+"/")
	})
}

// hasSibling reports whether a family has a living process that was made with CLONE_PARENT.
func (c *checker) hasSibling(f *instanceModel) bool {
	return slices.ContainsFunc(c.k.Processes(), func(p fakesys.Process) bool {
		return c.instanceOf[p.Pid] == f && p.Sibling && p.State != 'Z'
	})
}

// endLeaders ends the first thread of every process of a family.
func (c *checker) endLeaders(f *instanceModel) {
	for _, p := range c.k.Processes() {
		if c.instanceOf[p.Pid] == f && p.State != 'Z' {
			c.k.EndLeader(p.Pid)
		}
	}
}

// contains reports whether a cgroup is another one or an ancestor of it.
func (c *checker) contains(group, other string) bool {
	return group == other || strings.HasPrefix(other, strings.TrimSuffix(group, "/")+"/")
}

// ownGroup is where gosv is; a stranger who freezes that has frozen gosv.
func (c *checker) ownGroup() string {
	p, _ := c.k.Process(c.self)
	return p.Cgroup
}

// pause stops gosv, or a service, for a while.
func (c *checker) pause(a Action) {
	if a.Service == "" {
		c.k.SignalSelf(syscall.SIGSTOP)
		c.k.At(a.At+a.For, "continue", func() { c.k.SignalSelf(syscall.SIGCONT) })
		return
	}
	t := c.byName[a.Service]
	main := t.main
	if main == 0 {
		return
	}
	c.meet(t, a)
	t.interfered = true
	_ = c.k.Kill(main, syscall.SIGSTOP) // ESRCH: it went by itself
	c.k.At(a.At+a.For, "continue", func() {
		if t.main == main {
			_ = c.k.Kill(main, syscall.SIGCONT)
		}
	})
}

// pauses is how long gosv is stopped in all.
func (s Scenario) pauses() (all time.Duration) {
	for _, a := range s.Actions {
		if a.Interference == Pause && a.Service == "" {
			all += a.For
		}
	}
	for _, call := range s.Slow {
		all += call.By
	}
	return all
}

// slowSink has no room for a while after every 64 KiB, for an output that nobody
// reads.
type slowSink struct {
	outlet
	k     *fakesys.Kernel
	stall time.Duration
	room  int
	full  bool
	freed time.Duration // when it last had room again
}

func (s *slowSink) Room(resume func()) int {
	if s.room > 0 {
		return s.room
	}
	s.full = true
	s.k.At(s.k.Now()+s.stall, "the output has room", func() {
		s.full, s.room, s.freed = false, 64<<10, s.k.Now()
		resume()
	})
	return 0
}

func (s *slowSink) Write(p []byte) { s.room -= len(p) }
func (*slowSink) Close()           {}

// sinks returns where the outputs of a service go: to one pipe, or to two that stall
// independently.
func (c *checker) sinks(service string) (stdout, stderr sys.Sink) {
	stdout = c.sink(service, 1)
	if c.byName[service].svc.Stall > 0 {
		return stdout, c.sink(service, 2)
	}
	return stdout, stdout
}

// sink is where a stream of a service goes.
func (c *checker) sink(service string, stream int) sys.Sink {
	if t := c.byName[service]; t != nil && t.svc.Stall > 0 {
		s := &slowSink{outlet: outlet{service, stream}, k: c.k, stall: t.svc.Stall}
		c.slowSinks = append(c.slowSinks, s)
		return s
	}
	return discard{outlet{service, stream}}
}

// stalled reports whether a pipe is open only because nobody reads it, or because gosv
// ended at the very instant at which somebody did again.
func (c *checker) stalled() bool {
	for _, s := range c.slowSinks {
		if s.full || s.freed > 0 && s.freed == c.k.Now() {
			return true
		}
	}
	return false
}
