//go:build amd64 || arm64

package linux

import (
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// zombieTakes is how long a failed start waits for its child to become a zombie. A
// traced child may stay its tracer's for any time.
const zombieTakes = 50 * time.Millisecond

// run makes the process of a start, on a worker.
func (s *start) run(w *worker) {
	s.mu.Lock()
	s.begun = true
	over := s.over // aborted in the queue
	s.mu.Unlock()
	if over {
		return
	}
	o := s.make(w)
	w.args = spawnArgs{}
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.deliver(o)
}

// make does everything from the search of PATH to execve.
func (s *start) make(w *worker) outcome {
	program, fail := lookPath(&s.req)
	if fail == nil {
		fail = w.args.convert(s.k.features, &s.req, program)
	}
	if fail == nil {
		fail = w.args.open(&s.req)
		defer w.args.close()
	}
	if fail != nil {
		return failed(fail)
	}
	var out output
	w.args.above = w.slots.above(s.k.null)
	if !s.req.Inherit {
		if w.args.files, fail = out.open(&s.req, &w.slots, s.k.null); fail != nil {
			return failed(fail)
		}
	}
	fail = s.clone(w)
	at := s.k.Now()
	out.empty(&w.slots, s.k.null)
	if fail == nil {
		fail = w.memory.list.failure()
		if fail == nil {
			return s.succeed(w, &out, at)
		}
	}
	out.closeReaders()
	return s.failChild(w, program, fail)
}

func failed(fail *sys.SpawnError) outcome { return outcome{SpawnResult: sys.SpawnResult{Err: fail}} }

// clone makes the child. An error is that of clone itself; no child is left then.
func (s *start) clone(w *worker) *sys.SpawnError {
	k, m, a := s.k, &w.memory, &w.args
	m.reset()
	if !s.publish(m) {
		return s.canceled()
	}
	defer s.publish(nil)
	if s.req.Credential != nil {
		defer k.restoreDumpable()
	}
	defer runtime.KeepAlive(a)
	m.list.build(a, !k.features.clone3)
	if !k.features.clone3 {
		if a.cgroup >= 0 {
			return cloneFailure(&s.req, syscall.ENOSYS)
		}
		m.prepareClone(k.features)
	} else {
		m.prepareClone3(k.features, a.cgroup)
	}
	if errno := m.clone(); errno != 0 {
		return cloneFailure(&s.req, errno)
	}
	return nil
}

// publish lets Abort kill the child that is being made in this memory; false if the
// start was aborted before.
func (s *start) publish(m *childMemory) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m != nil && s.aborted {
		return false
	}
	s.memory = m
	return true
}

// succeed takes over a child that executes its program. One that was killed before
// that is no failure: its end is reported as an exit.
func (s *start) succeed(w *worker, out *output, at time.Duration) outcome {
	s.k.pump.add(s.req.ID, out)
	w.adds(1)
	child := sys.Child{Pid: int(w.memory.pid), Handle: sys.Handle(w.memory.pidfd), ExecAt: at}
	return outcome{SpawnResult: sys.SpawnResult{Child: child}, worker: w}
}

// failChild explains a failure and reaps the child, if there is one.
func (s *start) failChild(w *worker, program string, fail *sys.SpawnError) outcome {
	if fail.Step == sys.StepExec {
		fail.Path, fail.Hint = program, execHint(s.req.Dir, program, fail.Err)
	}
	o := failed(fail)
	pidfd := int(w.memory.pidfd)
	if pidfd < 0 {
		return o
	}
	ready := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	_, _ = retry(func() (int, error) { return unix.Poll(ready, int(zombieTakes/time.Millisecond)) })
	if reapFailedChild(pidfd) {
		unix.Close(pidfd)
		return o
	}
	w.adds(1)
	o.worker, o.zombie = w, sys.Child{Pid: int(w.memory.pid), Handle: sys.Handle(pidfd)}
	return o
}

// open opens what the child needs beside its output.
func (a *spawnArgs) open(r *sys.SpawnRequest) *sys.SpawnError {
	if r.Cgroup != "" {
		to, name, flags := &a.cgroup, r.Cgroup, unix.O_PATH|unix.O_DIRECTORY
		if r.MoveIn {
			to, name, flags = &a.procs, r.Cgroup+"/cgroup.procs", unix.O_WRONLY
		}
		fd, err := open(name, flags)
		if err != nil {
			return &sys.SpawnError{Step: sys.StepCgroup, Path: r.Cgroup, Err: errnoOf(err)}
		}
		*to = fd
	}
	return nil
}

func (a *spawnArgs) close() {
	if a.cgroup >= 0 {
		unix.Close(a.cgroup)
	}
	if a.procs > 0 {
		unix.Close(a.procs)
	}
}

// cloneFailure says which step the errno of clone(2) belongs to.
func cloneFailure(r *sys.SpawnRequest, errno syscall.Errno) *sys.SpawnError {
	switch errno {
	case syscall.EMFILE, syscall.ENFILE:
		return &sys.SpawnError{Step: sys.StepPrepare, Err: errno, Hint: "making the pidfd"}
	case syscall.EAGAIN, syscall.ENOMEM:
		return &sys.SpawnError{Step: sys.StepFork, Path: r.Path, Err: errno}
	}
	if r.Cgroup != "" && !r.MoveIn {
		return &sys.SpawnError{Step: sys.StepCgroup, Path: r.Cgroup, Err: errno}
	}
	return &sys.SpawnError{Step: sys.StepFork, Path: r.Path, Err: errno}
}

// errnoOf returns the errno of an error of package unix, which is always one.
func errnoOf(err error) syscall.Errno { return err.(syscall.Errno) }

// under resolves a path of a request as the child does after chdir.
func under(dir, path string) string {
	if dir == "" || strings.HasPrefix(path, "/") {
		return path
	}
	return dir + "/" + path
}
