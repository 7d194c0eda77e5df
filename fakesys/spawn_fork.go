package fakesys

import (
	"path"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// fork makes the child: everything up to clone(2).
func (s *spawning) fork() {
	k := s.kernel
	if k.dead() {
		return
	}
	if fail := s.prepare(); fail != nil {
		s.fail(fail)
		return
	}
	pid, ok := k.newPid()
	if !ok {
		s.fail(&sys.SpawnError{Step: sys.StepFork, Path: s.req.Path, Err: syscall.EAGAIN})
		return
	}
	s.makeChild(pid)
	if !s.child.signals.fatal {
		s.next = k.after(s.latency(), "exec", s.exec)
	}
}

// makeChild forks the child. It is in gosv's process group until it runs: then it creates
// its own (setpgid(2)), before anything that can fail. It blocks all signals until its exec.
func (s *spawning) makeChild(pid int) {
	k := s.kernel
	c := &process{pid: pid, pgid: k.self.pgid, sid: k.self.sid, path: k.self.path, args: k.self.args, env: k.self.env,
		dir: k.self.dir, rss: 1 << 20, tty: k.self.tty, spawn: s, blocked: true}
	s.child = c
	s.connect(c)
	k.insert(c, k.self)
	k.note(k.self.pid, EvFork, pid, k.self.pid, "", 0)
	if g := s.group(); g != nil {
		k.cgroups.join(c, g)
		if g != k.self.cgroup && k.cgroups.killedAtSpawn(g, k.self.cgroup) {
			k.send(nil, c, syscall.SIGKILL)
		}
	}
	if s.aborted {
		s.kill()
	}
}

// prepare does what can fail before the child exists.
func (s *spawning) prepare() *sys.SpawnError {
	k, req := s.kernel, &s.req
	if k.Descriptors()+1+s.ends() > k.opt.MaxFiles {
		return &sys.SpawnError{Step: sys.StepPrepare, Err: syscall.EMFILE}
	}
	if fail := s.checkAttributes(); fail != nil {
		return fail
	}
	if errno, step := k.faults.spawn(k.World, req); errno != 0 {
		return &sys.SpawnError{Step: step, Path: s.about(step), Err: errno}
	}
	if req.Cgroup != "" {
		if k.cgroups == nil {
			return &sys.SpawnError{Step: sys.StepCgroup, Path: req.Cgroup, Err: syscall.ENOENT}
		}
		errno := syscall.Errno(0)
		switch {
		case !req.MoveIn:
			errno = k.cgroups.spawnInto(req.Cgroup, k.self.cgroup)
		case k.cgroups.at(req.Cgroup) == nil:
			errno = k.cgroups.absentDir(req.Cgroup)
		}
		if errno != 0 {
			return &sys.SpawnError{Step: sys.StepCgroup, Path: req.Cgroup, Err: errno}
		}
	}
	if req.Path == "" {
		return &sys.SpawnError{Step: sys.StepLookup, Err: syscall.ENOENT}
	}
	if !strings.Contains(req.Path, "/") {
		if _, errno := k.lookPath(req.Path, s.dir(), req.Env); errno != 0 {
			return &sys.SpawnError{Step: sys.StepLookup, Path: req.Path, Err: errno, Hint: lookupHint(errno)}
		}
	}
	if g := s.group(); g != nil {
		if errno := g.mayFork(1); errno != 0 {
			return &sys.SpawnError{Step: sys.StepFork, Path: req.Path, Err: errno}
		}
	}
	return nil
}

func lookupHint(errno syscall.Errno) string {
	if errno == syscall.EACCES {
		return "it is in PATH, but not executable"
	}
	return "it is not in PATH"
}

// dir returns the working directory of the child.
func (s *spawning) dir() string { return path.Join("/", s.kernel.self.dir, s.req.Dir) }

// about returns the object of a step, for the error.
func (s *spawning) about(step sys.Step) string {
	switch step {
	case sys.StepCgroup:
		return s.req.Cgroup
	case sys.StepChdir:
		return s.req.Dir
	case sys.StepLookup, sys.StepExec, sys.StepFork:
		return s.req.Path
	}
	return aboutAttribute(&s.req.Attributes, step)
}

// ends counts the pipes that the output takes.
func (s *spawning) ends() (n int) {
	if !s.req.Inherit {
		n = len(s.req.Sinks())
	}
	return n
}

func (s *spawning) group() *cgroup {
	if s.req.Cgroup == "" || s.req.MoveIn {
		return s.kernel.self.cgroup
	}
	return s.kernel.cgroups.at(s.req.Cgroup)
}

// connect gives the child its descriptors 1 and 2.
func (s *spawning) connect(c *process) {
	k := s.kernel
	if s.req.Inherit {
		s.out = &stream{world: k.World, console: true}
		s.err = s.out
	} else {
		s.out = k.newPipe(s.req.Stdout)
		if s.err = s.out; s.req.Stderr != s.req.Stdout {
			s.err = k.newPipe(s.req.Stderr)
		}
	}
	c.out, c.err = s.out.share(), s.err.share()
}
