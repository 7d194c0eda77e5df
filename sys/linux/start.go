package linux

import (
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

const ttyPath = "/dev/tty"

// prepare has the thread of a start make its process.
func (k *Kernel) prepare(s *start) *sys.SpawnError {
	r, o := &s.req, &s.orders
	*o = orders{cgroup: -1}
	if fail := o.convert(r, s.program); fail != nil {
		return fail
	}
	useClone3 := !noClone3.Load()
	fail := o.open(r)
	if fail == nil && o.cgroup >= 0 && !useClone3 {
		fail = cloneFailure(r, syscall.ENOSYS)
	}
	if fail == nil {
		fail = k.prepareOutput(s)
	}
	if fail != nil {
		o.close()
		return fail
	}
	s.thread.order(s.thread.birth.prepare(o, useClone3))
	return nil
}

// conclude takes over what the thread of a start has made.
func (k *Kernel) conclude(s *start) {
	t, p := s.thread, &k.starts
	s.thread = nil
	s.orders.close()
	s.out.emptySlots(&t.slots, k.null)
	if errno := t.cloneErrno(); errno != 0 {
		s.out.closeReaders()
		p.end(s, sys.Child{}, cloneFailure(&s.req, errno))
		return
	}
	b := &t.birth
	pidfd := int(atomic.LoadInt32(&b.pidfd))
	if nr, errno, failed := b.script.failure(); failed {
		s.out.closeReaders()
		p.fail(s, nr, errno)
		return
	}
	// A child that was killed before exec is no failure, its end comes as an exit.
	k.pump.add(s.req.ID, &s.out)
	p.end(s, sys.Child{Pid: int(b.pid), Handle: sys.Handle(pidfd), ExecAt: time.Duration(t.born.Nano()) - k.monotonic}, nil)
}

// fail ends a start whose child could not execute its program. Why not is looked
// for outside the loop, since it means to read files.
func (p *starts) fail(s *start, nr uintptr, errno syscall.Errno) {
	fail := scriptFailure(&s.req, nr, errno)
	if fail.Step != sys.StepExec {
		p.end(s, sys.Child{}, fail)
		return
	}
	p.k.aside.run(func() {
		fail.Path, fail.Hint = s.program, execHint(s.req.Dir, s.program, errno)
		p.end(s, sys.Child{}, fail)
	})
}

// convert turns strings into C form.
func (o *orders) convert(r *sys.SpawnRequest, program string) *sys.SpawnError {
	var errs [4]error
	o.path, errs[0] = syscall.BytePtrFromString(program)
	argv := make([]string, 1, 1+len(r.Args))
	argv[0] = r.Path
	o.argv, errs[1] = syscall.SlicePtrFromStrings(append(argv, r.Args...))
	o.envv, errs[2] = syscall.SlicePtrFromStrings(r.Env)
	if r.Dir != "" {
		o.dir, errs[3] = syscall.BytePtrFromString(r.Dir)
	}
	for i, err := range errs {
		if err != nil {
			what := [...]string{"its path", "an argument", "its environment", "its directory"}[i]
			return &sys.SpawnError{Step: sys.StepExec, Path: r.Path, Err: syscall.EINVAL, Hint: what + " contains a NUL byte"}
		}
	}
	return nil
}

// open opens what the child needs beside its output.
func (o *orders) open(r *sys.SpawnRequest) *sys.SpawnError {
	if r.Cgroup != "" {
		to, name, flags := &o.cgroup, r.Cgroup, unix.O_PATH|unix.O_DIRECTORY
		if r.MoveIn {
			to, name, flags = &o.procs, r.Cgroup+"/cgroup.procs", unix.O_WRONLY
		}
		fd, err := open(name, flags)
		if err != nil {
			return &sys.SpawnError{Step: sys.StepCgroup, Path: r.Cgroup, Err: errnoOf(err)}
		}
		*to = fd
	}
	if r.Foreground {
		fd, err := open(ttyPath, unix.O_RDWR|unix.O_NOCTTY)
		if err != nil {
			return &sys.SpawnError{Step: sys.StepPrepare, Path: ttyPath, Err: errnoOf(err)}
		}
		o.tty = fd
	}
	return nil
}

func (o *orders) close() {
	if o.cgroup >= 0 {
		unix.Close(o.cgroup)
	}
	if o.procs > 0 {
		unix.Close(o.procs)
	}
	if o.tty > 0 {
		unix.Close(o.tty)
	}
}

// output is the two pipes of a child; a sink that is nil has none. Their
// writing ends stand in the slots of the thread until the child has been born.
type output [2]struct {
	sink   sys.Sink
	reader int
}

// prepareOutput makes the pipes. The reading end does not block: a child may
// read what it wrote itself.
func (k *Kernel) prepareOutput(s *start) *sys.SpawnError {
	r, o, out, slots := &s.req, &s.orders, &s.out, &s.thread.slots
	o.above = slots.above(k.null)
	if r.Inherit {
		return nil
	}
	o.files = []int{k.null, k.null, k.null}
	for i, sink := range [2]sys.Sink{r.Stdout, r.Stderr} {
		if sink == nil {
			continue
		}
		var p [2]int
		err := unix.Pipe2(p[:], unix.O_CLOEXEC)
		if err != nil {
			out.emptySlots(slots, k.null)
			out.closeReaders()
			return &sys.SpawnError{Step: sys.StepPrepare, Err: errnoOf(err), Hint: "making the pipe for its output"}
		}
		_, _ = unix.FcntlInt(uintptr(p[0]), unix.F_SETFL, unix.O_NONBLOCK)
		slots.fill(i, p[1])
		unix.Close(p[1])
		out[i].sink, out[i].reader = sink, p[0]
		o.files[1+i] = slots[i]
	}
	return nil
}

func (o *output) emptySlots(slots *slots, null int) {
	for i := range o {
		if o[i].sink != nil {
			slots.fill(i, null)
		}
	}
}

func (o *output) closeReaders() {
	for i := range o {
		if o[i].sink != nil {
			unix.Close(o[i].reader)
		}
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
	if r.Cgroup != "" {
		return &sys.SpawnError{Step: sys.StepCgroup, Path: r.Cgroup, Err: errno}
	}
	return &sys.SpawnError{Step: sys.StepFork, Path: r.Path, Err: errno}
}

// scriptFailure says which step of the child's script failed.
func scriptFailure(r *sys.SpawnRequest, nr uintptr, errno syscall.Errno) *sys.SpawnError {
	switch nr {
	case unix.SYS_EXECVE:
		return &sys.SpawnError{Step: sys.StepExec, Err: errno}
	case unix.SYS_CHDIR:
		return &sys.SpawnError{Step: sys.StepChdir, Path: r.Dir, Err: errno}
	case unix.SYS_WRITE:
		return &sys.SpawnError{Step: sys.StepCgroup, Path: r.Cgroup, Err: errno}
	case unix.SYS_IOCTL:
		return &sys.SpawnError{Step: sys.StepPrepare, Path: ttyPath, Err: errno, Hint: "giving the terminal to the process"}
	}
	return &sys.SpawnError{Step: sys.StepFork, Path: r.Path, Err: errno}
}

// errnoOf gives the errno of an error of package unix, which is always one.
func errnoOf(err error) syscall.Errno { return err.(syscall.Errno) }

// under resolves a path of a request as the child does after chdir.
func under(dir, path string) string {
	if dir == "" || strings.HasPrefix(path, "/") {
		return path
	}
	return dir + "/" + path
}
