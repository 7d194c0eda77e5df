package difftest

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Play does one operation and gives the kernel's answer.
func (s *Side) Play(op Op) string {
	s.settled = len(s.procs)
	return verbs[op[0]].play(s, op[1:])
}

// Clear ends all that the sequence left and requires that nothing stays.
func (s *Side) Clear() {
	limit := s.k.Now() + 10*time.Second
	for _, st := range s.starts {
		s.k.Abort(st.id)
		s.k.CloseOutput(st.id)
	}
	for poll := firstPoll; !s.cleared(); poll = longer(poll) {
		if s.k.Now() > limit {
			panic(fmt.Sprintf("difftest: this is left of a sequence after 10 s:\n%s", s.See()))
		}
		s.k.Wait(s.k.Now() + poll)
		s.pump()
	}
	for _, p := range s.procs {
		if p.handle != 0 {
			s.k.Close(p.handle)
		}
	}
	for _, id := range s.watches {
		s.k.Unwatch(id)
	}
	for name := range s.locks {
		s.k.Unlock(s.dir(name))
	}
	s.k.Signals()
}

// cleared does what can be done now and reports whether all is done.
func (s *Side) cleared() bool {
	done := !slices.ContainsFunc(s.starts, func(st *start) bool { return st.result == "under way" })
	for _, p := range s.procs {
		done = s.end(p) && done
	}
	for _, f := range slices.Backward(s.dirs) {
		s.endMembers(f)
		done = s.k.Rmdir(s.dir(f)) == nil && done
	}
	s.dirs = slices.DeleteFunc(s.dirs, func(f string) bool {
		_, err := s.k.ReadDir(s.dir(f))
		return err != nil
	})
	orphans, _ := s.k.Orphans()
	for ; orphans.Zombie != 0; orphans, _ = s.k.Orphans() {
		_, _ = s.k.ReapPid(orphans.Zombie)
	}
	if done && orphans.Exist {
		s.discover() // a process may have been spawned meanwhile
	}
	return done && !orphans.Exist
}

// end kills a process, and reaps it if it is a child.
func (s *Side) end(p *proc) bool {
	if _, ok := s.stat(p.pid); !ok || p.reaped {
		return true
	}
	_ = s.signalOnce(p, syscall.SIGKILL)
	if p.child && p.handle == 0 {
		if h, err := s.k.OpenPid(p.pid); err == nil {
			p.handle = h
		}
	}
	if p.child && p.handle != 0 {
		_, p.reaped, _ = s.k.Reap(p.handle)
	}
	return false
}

// endMembers kills those that were not seen, and no process that was there before the
// sequence.
func (s *Side) endMembers(dir string) {
	text, _ := s.k.ReadFile(s.dir(dir) + "/cgroup.procs")
	for _, word := range strings.Fields(string(text)) {
		pid := number(word)
		if s.before[pid] {
			panic(fmt.Sprintf("difftest: process %d is no process of the sequence, but was moved into its directory %s", pid, dir))
		}
		_ = s.signalOnce(&proc{pid: pid}, syscall.SIGKILL)
	}
}
