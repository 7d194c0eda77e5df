package fakesys

import (
	"fmt"
	"path"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/testproc"
)

// maxArg is the limit of one argument or variable (MAX_ARG_STRLEN).
const maxArg = 128 << 10

// exec is what the child does between clone and execve, and the result.
func (s *spawning) exec() {
	k, c := s.kernel, s.child
	if c.dead || s.over {
		return
	}
	if c.frozen() || c.stopped {
		s.next = nil // goes on when it is thawed
		return
	}
	s.lead()
	if s.req.MoveIn && c.cgroup == k.self.cgroup {
		if errno := s.moveIn(); errno != 0 {
			s.failChild(&sys.SpawnError{Step: sys.StepCgroup, Path: s.req.Cgroup, Err: errno})
			return
		}
	}
	if c.frozen() || c.stopped {
		s.next = nil // goes on when it is thawed
		return
	}
	s.ownDescriptors = true
	if fail := s.setAttributes(); fail != nil {
		s.failChild(fail)
		return
	}
	full, f, fail := s.resolve()
	if fail != nil && fail.Step != sys.StepExec {
		s.failChild(fail)
		return
	}
	c.blocked = false // execve(2) comes right after
	if k.deliver(c) {
		s.next = nil
		return
	}
	if fail != nil {
		s.failChild(fail)
		return
	}
	if f.kind == Hanging {
		f.hung = append(f.hung, s)
		k.Fire(ExecHangs)
		return
	}
	c.path, c.env, c.rss = full, s.req.Env, 4<<20
	c.args = append([]string{s.req.Path}, s.req.Args...)
	if s.req.Dir != "" {
		c.dir = s.dir()
	}
	c.frames = []frame{{ops: s.script(full, f)}}
	k.table.version++
	k.note(c.pid, EvExec, c.pid, 0, full, 0)
	k.kick(c)
	s.succeed()
}

// lead makes the child the leader of its own process group, and of a session if the
// request says so.
func (s *spawning) lead() {
	c, sid := s.child, s.child.sid
	if s.req.Setsid {
		sid, c.tty = c.pid, false
	}
	if c.pgid != c.pid {
		s.kernel.table.setGroup(c, c.pid, sid)
	}
}

// moveIn is the child's write to cgroup.procs.
func (s *spawning) moveIn() syscall.Errno {
	k := s.kernel
	if errno := k.fault(OpWriteFile, "cgroup.procs"); errno != 0 {
		return errno
	}
	to := k.cgroups.at(s.req.Cgroup)
	if to == nil {
		return syscall.ENODEV // removed since it was opened
	}
	return k.moveTo(s.child, to)
}

// proceed is a turn of a child before its exec: it continues after a freeze.
func (s *spawning) proceed() {
	if s.next == nil && !s.over {
		s.next = s.kernel.after(0, "exec", s.exec)
	}
}

// resolve finds the program, from the child's working directory.
func (s *spawning) resolve() (full string, f *file, fail *sys.SpawnError) {
	k, req := s.kernel, &s.req
	bad := func(step sys.Step, errno syscall.Errno) (string, *file, *sys.SpawnError) {
		fail := &sys.SpawnError{Step: step, Path: s.about(step), Err: errno}
		if step == sys.StepExec {
			fail.Path = full
			if f != nil && f.kind == MissingInterpreter {
				fail.Hint = fmt.Sprintf("its interpreter %q does not exist", missingInterpreter)
			}
		}
		return "", nil, fail
	}
	if req.Dir != "" {
		d, errno := k.lookupFile(s.dir())
		if errno == 0 && d.kind == Looping {
			errno = syscall.ELOOP
		} else if errno == 0 && !d.dir {
			errno = syscall.ENOTDIR
		}
		if errno != 0 {
			return bad(sys.StepChdir, errno)
		}
	}
	errno := syscall.Errno(0)
	switch full = req.Path; {
	case !strings.Contains(full, "/"):
		if full, errno = k.lookPath(full, s.dir(), req.Env); errno != 0 {
			return bad(sys.StepLookup, errno)
		}
	case !path.IsAbs(full):
		full = path.Join(s.dir(), full)
	}
	if f, errno = k.lookupFile(full); errno != 0 {
		return bad(sys.StepExec, errno)
	}
	for _, words := range [][]string{req.Args, req.Env} {
		for _, word := range words {
			if len(word) >= maxArg {
				return bad(sys.StepExec, syscall.E2BIG)
			}
		}
	}
	if f.dir {
		return bad(sys.StepExec, syscall.EACCES)
	}
	if errno = execErrno[f.kind]; errno != 0 {
		return bad(sys.StepExec, errno)
	}
	return full, f, nil
}

func (s *spawning) script(full string, f *file) []testproc.Op {
	if full != TestprocPath {
		return f.ops
	}
	if args := s.req.Args; len(args) >= 2 && args[0] == "testproc" {
		if ops, err := s.kernel.parse(args[1]); err == nil {
			return ops
		}
	}
	return s.kernel.script("warn this is no script; exit 2")
}
