package supervisor

import (
	"errors"
	"slices"
	"syscall"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// apply carries out effects, in their order. What fails comes back as an event.
func (s *Supervisor) apply(svc *service, do lifecycle.Effects) {
	if do&lifecycle.DoAbort != 0 {
		svc.gen.aborted = true
		s.k.Abort(svc.gen.id)
	}
	if do&lifecycle.DoTerm != 0 {
		s.term(svc.gen)
	}
	if do&lifecycle.DoKill != 0 && svc.gen != nil {
		s.kill(svc.gen)
	}
	if do&lifecycle.DoSpawn != 0 {
		s.spawn(svc)
	}
}

// term gives a generation its stop signal: to its group at once, and a moment
// later, if it is still there, to the members of the generation outside the
// group. Most services are gone by then, and a stop of a thousand looks at none
// of their cgroups.
func (s *Supervisor) term(g *generation) {
	g.term = true
	s.signalGroup(g, g.svc.conf.StopSignal)
	s.alarms.set(g.alarm, s.now()+firstRecheck)
}

// termOutsiders is the rest of a stop that is not over at once. CONT follows the
// signal, because a stopped process cannot act on it, and a frozen cgroup is
// thawed for the same reason.
func (s *Supervisor) termOutsiders(g *generation) {
	if s.locate(g) == elsewhere {
		s.stray(g, elsewhere)
	}
	if !g.leftGroup && s.hasLeftGroup(g) {
		s.signalMain(g, g.svc.conf.StopSignal)
		g.leftGroup = true
	}
	s.signalGroup(g, syscall.SIGCONT)
	if g.leaf != "" {
		s.thaw(g)
	}
	if s.mayHaveOutsiders(g) {
		s.askCensus(g)
	}
}

// kill ends a generation with SIGKILL.
func (s *Supervisor) kill(g *generation) {
	if !g.ended || !g.counted() || !g.reaped && s.groupLives(g) {
		s.tellKill(g)
	}
	g.killing = true
	// The group in any case: somebody may have moved the main process out of
	// its cgroup.
	s.signalGroup(g, syscall.SIGKILL)
	if g.counted() && s.mayHaveOutsiders(g) {
		s.askCensus(g)
	}
	if g.leaf == "" {
		return
	}
	err := s.tree.Kill(g.leaf)
	if err == nil || s.leafGone(err) {
		// That passes over a process whose first thread has ended. It may be the tracer of
		// the main process, whose zombie then is not gosv's.
		if g.pause > 0 || !g.ended {
			s.askCensus(g)
		}
		return
	}
	// Before Linux 5.14 there is no cgroup.kill: the group stands still while
	// its members are counted and killed one by one, and is then thawed.
	if errFreeze := s.tree.Freeze(g.leaf); errFreeze != nil {
		s.report(CgroupKillFailed{Service: g.svc.conf.Name, Err: err, FreezeErr: errFreeze})
	}
	g.frozen, g.byHand = true, true
	s.askCensus(g)
}

// tellKill says that something of a generation is killed, once: where a census has to
// look for it, when that has found it.
func (s *Supervisor) tellKill(g *generation) {
	if !g.killTold {
		g.killTold = true
		s.report(LeftoversKilled{Service: g.svc.conf.Name})
	}
}

// signalGroup signals the process group while its leader is unreaped, which
// pins the number, and the leader itself if it left the group. With cgroups a dead
// leader is reaped at once; what it left is then reached through the cgroup.
func (s *Supervisor) signalGroup(g *generation, sig syscall.Signal) {
	if g.child.Handle == 0 || g.reaped {
		return
	}
	err := s.k.SignalGroup(g.child.Handle, sig)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		s.report(SignalFailed{Service: g.svc.conf.Name, PID: g.child.Pid, Group: true, Signal: sig, Err: err})
	}
	if g.leftGroup = g.leftGroup || errors.Is(err, syscall.ESRCH); g.leftGroup || sig == syscall.SIGKILL {
		s.signalMain(g, sig)
	}
}

// hasLeftGroup tells whether a main process has left the group that it led. While
// a child of it stays there, the signal to the group does not say so.
func (s *Supervisor) hasLeftGroup(g *generation) bool {
	if s.opt.Host.Blind != nil {
		return false
	}
	st, err := procfs.ReadStat(s.k, g.child.Pid)
	return err == nil && st.Pgrp != g.child.Pid
}

// signalMain signals a main process that a signal to its group may not reach.
func (s *Supervisor) signalMain(g *generation, sig syscall.Signal) {
	if g.ended {
		return
	}
	if err := s.k.Signal(g.child.Handle, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		s.report(SignalFailed{Service: g.svc.conf.Name, PID: g.child.Pid, Signal: sig, Err: err})
	}
}

// mayHaveOutsiders tells whether the generation can have members outside its
// process group, or such as cannot be signalled there. It is cheap and errs on the
// side of yes.
func (s *Supervisor) mayHaveOutsiders(g *generation) bool {
	if g.loose {
		return true // the group itself is out of reach
	}
	if g.counted() {
		orphans, _ := s.k.Orphans()
		if orphans.Exist || g.leaf == "" {
			return orphans.Exist
		}
	}
	pids, err := s.tree.Procs(g.leaf)
	return err != nil && !s.leafGone(err) || slices.ContainsFunc(pids, func(pid int) bool { return pid != g.child.Pid })
}

// lineage is what comes before an invocation of this gosv's if it is a service of
// another one, which so knows what is left when this one is killed.
func (s *Supervisor) lineage() string {
	if outer, _ := procfs.Getenv(s.opt.Environ, procfs.InvocationVariable); outer != "" {
		return outer + "/"
	}
	return ""
}

// spawn asks for a new generation.
func (s *Supervisor) spawn(svc *service) {
	s.lastSpawn++
	g := s.newGeneration(svc, s.lastSpawn)
	svc.gen, svc.pid = g, 0
	if fail := s.makeLeaf(g); fail != nil {
		svc.gen = nil
		s.queue = append(s.queue, queued{svc, *fail})
		return
	}
	req := sys.SpawnRequest{
		ID: g.id, Path: svc.conf.Command, Args: svc.conf.Args, Dir: svc.dir,
		Env: append(svc.env[:len(svc.env):len(svc.env)], procfs.InvocationVariable+"="+s.lineage()+g.invocation),
	}
	req.Cgroup, req.MoveIn = g.leaf, s.moveIn && g.leaf != ""
	if s.opt.Attached {
		req.Inherit = true
		req.Foreground = s.ownTerminal()
		g.foreground = req.Foreground
	} else if s.opt.Output != nil {
		req.Stdout, req.Stderr = s.opt.Output(svc.conf.Name)
	}
	s.births[g.id] = g
	s.awaited++
	s.k.Spawn(req)
}
