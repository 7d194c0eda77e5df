package fakesys

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/sys"
)

// Hand moves a world by hand: what scripts, latencies and choices bring about
// elsewhere happens when it is told to, and nothing happens by itself as long as
// Wait is not called. It is for those who know what happened and ask whether it
// can (see sys/tracesys/admit). What cannot happen is refused with a sentence.
type Hand struct{ k *Kernel }

// Hand gives the hand of this gosv's world.
func (k *Kernel) Hand() Hand { return Hand{k} }

func refuse(format string, args ...any) error { return fmt.Errorf(format, args...) }

// Pass lets time go on to an instant; one that has passed is nothing.
func (h Hand) Pass(to time.Duration) {
	if to > h.k.now {
		h.k.pass(to)
	}
}

// pending gives a start that has no result yet.
func (h Hand) pending(id sys.SpawnID) (*start, error) {
	s := h.k.starts[id]
	if s == nil || s.over {
		return nil, refuse("start %d is not under way", id)
	}
	return s, nil
}

// Born lets clone(2) of a start succeed, with this number.
func (h Hand) Born(id sys.SpawnID, pid int) error {
	s, err := h.pending(id)
	if err != nil {
		return err
	}
	if s.child != nil {
		return refuse("the child of start %d is born, as %d", id, s.child.pid)
	}
	if err := h.free(pid); err != nil {
		return err
	}
	if fail := s.prepare(); fail != nil {
		return refuse("start %d can only fail: %v", id, fail)
	}
	s.byHand = true
	s.bear(pid)
	return nil
}

func (h Hand) free(pid int) error {
	if pid >= len(h.k.table.byPid) || !h.k.table.usable(pid) {
		return refuse("the number %d is in use, as process, group or session", pid)
	}
	return nil
}

// Executed lets the exec of a child that is born succeed. It has its result then.
func (h Hand) Executed(id sys.SpawnID) error {
	s := h.k.starts[id]
	if s == nil || s.child == nil {
		return refuse("the child of start %d is not born", id)
	}
	if c := s.child; !s.over {
		s.lead()
		if s.req.MoveIn && c.cgroup == h.k.self.cgroup {
			if errno := s.moveIn(); errno != 0 {
				return refuse("process %d cannot be moved into %s: %v", c.pid, s.req.Cgroup, errno)
			}
		}
		c.blocked = false
		c.path, c.env, c.rss = s.req.Path, s.req.Env, 4<<20
		h.k.table.version++
		s.succeed()
	}
	h.result(s)
	return nil
}

// Fail gives a start this error. Its child, if it is born, dies and is reaped.
func (h Hand) Fail(id sys.SpawnID, fail *sys.SpawnError) error {
	s, err := h.pending(id)
	if err != nil {
		return err
	}
	if c := s.child; c != nil {
		s.over = true
		if !c.dead {
			h.k.exit(c, sys.Status{Code: 127})
		}
		if !c.reaped { // by gosv itself, which took it for an orphan
			h.k.reap(c)
		}
		s.child = nil
	}
	s.fail(fail)
	h.result(s)
	return nil
}

// result hands a result over that is on its way.
func (h Hand) result(s *start) {
	if e := s.delivery; e != nil && !e.cancelled {
		h.k.queue.cancel(e)
		e.run()
	}
}

// child finds a process that is neither gosv nor the init of the world.
func (h Hand) child(pid int) (*process, error) {
	p := h.k.find(pid)
	if p == nil || p.system {
		return nil, refuse("there is no process %d", pid)
	}
	return p, nil
}

// living finds one that has not ended.
func (h Hand) living(pid int) (*process, error) {
	p, err := h.child(pid)
	if err == nil && p.dead {
		err = refuse("process %d has ended", pid)
	}
	return p, err
}

// Ended tells whether a process is a zombie that can be waited for.
func (h Hand) Ended(pid int) bool {
	p := h.k.find(pid)
	return p != nil && p.dead
}

// Exit ends a process, which is a zombie then.
func (h Hand) Exit(pid int, st sys.Status) error {
	p, err := h.living(pid)
	if err != nil {
		return err
	}
	h.k.exit(p, st)
	return nil
}

// LoseMemory takes the memory of a process that has begun to end (exit_mm), or of
// which only threads are left.
func (h Hand) LoseMemory(pid int) error {
	p, err := h.living(pid)
	if err != nil {
		return err
	}
	p.noMemory = true
	return nil
}

// LeaveCgroup takes a process out of its group that ends, before it is a zombie
// (cgroup_exit comes before exit_notify).
func (h Hand) LeaveCgroup(pid int) error {
	p, err := h.living(pid)
	if err != nil {
		return err
	}
	p.noMemory = true
	h.k.leaveCgroup(p)
	return nil
}

// Reaped lets the parent of a process, which is not gosv, wait for it, once it
// has ended.
func (h Hand) Reaped(pid int) error {
	p, err := h.child(pid)
	if err != nil {
		return err
	}
	if p.parent == h.k.self {
		return refuse("process %d is gosv's child: nobody else waits for it", pid)
	}
	h.remove(p)
	return nil
}

// ReapedBefore says that a process that gosv seemed to have adopted had ended and
// been reaped by its own parent before that ended.
func (h Hand) ReapedBefore(pid int) error {
	p, err := h.child(pid)
	if err == nil && p.spawn != nil {
		err = refuse("process %d was started by gosv", pid)
	}
	if err == nil {
		h.remove(p)
	}
	return err
}

// remove ends and reaps a process without a word to its parent.
func (h Hand) remove(p *process) {
	if !p.dead {
		h.k.handOn(p)
		parent := p.parent
		p.parent = &process{system: true}
		h.k.exit(p, sys.Status{})
		p.parent = parent
	}
	h.k.reap(p)
}
