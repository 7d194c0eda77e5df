package supervisor

import (
	"fmt"
	"syscall"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor/instance"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// spawn requests the main process of a new instance.
func (s *Supervisor) spawn(svc *service) {
	in := s.instances.make(svc)
	in.recheck = newAlarm(s.guarded(svc, func() { s.recheck(in) }))
	svc.pid = 0
	if fail := s.cgroups.create(in); fail != nil {
		svc.inst = nil
		s.services.queue = append(s.services.queue, queued{svc, *fail})
		return
	}
	in.state = instance.New(in.cgroup != "")
	req := sys.SpawnRequest{
		ID: in.id, Path: svc.conf.Command, Args: svc.conf.Args, Dir: svc.dir,
		Env:    append(svc.env[:len(svc.env):len(svc.env)], procfs.InvocationVariable+"="+s.instances.lineage+in.invocation),
		Cgroup: in.cgroup, MoveIn: s.cgroups.moveIn && in.cgroup != "",
	}
	req.Attributes = attributes(svc.conf.Process)
	if s.opt.Attached {
		req.Inherit = true
	} else {
		req.Setsid = true // a service that opens /dev/tty fails instead of being stopped
	}
	if s.opt.Output != nil && !s.opt.Attached {
		req.Stdout, req.Stderr = s.opt.Output(svc.name())
	}
	svc.inst = in
	s.instances.request(in)
	s.k.Spawn(req)
}

// takeSpawns handles the results of spawns.
func (s *Supervisor) takeSpawns() {
	for _, r := range s.k.Spawned() {
		in := s.instances.spawning[r.ID]
		switch {
		case in != nil && s.phase <= running:
			s.guarded(in.svc, func() { s.spawned(in, r) })()
		case in != nil:
			s.orphans.abandoned.add(r)
			delete(s.instances.spawning, r.ID)
		case r.ID == s.boot.probe:
			s.probed(r)
		default:
			panic(fmt.Sprintf("supervisor: result of spawn %d, which was not requested or had its result", r.ID))
		}
	}
}

// spawned takes the result of a spawn.
func (s *Supervisor) spawned(in *liveInstance, r sys.SpawnResult) {
	if in.state.Spawn == instance.Abandoned && r.Err == nil {
		r.Err = s.stillThere(in, r.Child.Handle)
	}
	if r.Err != nil {
		s.advance(in, instance.Event{Kind: instance.SpawnFailed})
		s.step(in.svc, startFailure(in.svc, r.Err))
		return
	}
	s.instances.spawned(in, r.Child)
	in.svc.pid = r.Child.Pid
	s.set(in.recheck, never)
	s.advance(in, instance.Event{Kind: instance.SpawnDone})
	s.step(in.svc, lifecycle.Event{Kind: lifecycle.Spawned, ExecAt: r.Child.ExecAt})
	s.jobControl() // it may have stopped before its spawn was known
}

// stillThere looks at the child of an abandoned spawn: noOwner waited for its result, so
// its zombie may have been reaped as an unknown one, and its PID be another's.
func (s *Supervisor) stillThere(in *liveInstance, h sys.Handle) error {
	if _, _, err := s.k.Peek(h); err == nil {
		return nil
	}
	s.k.Close(h)
	return &sys.SpawnError{Step: sys.StepExec, Path: in.svc.conf.Command, Err: syscall.ECHILD}
}
