package live

import (
	"os"
	"slices"
	"sort"
	"syscall"

	"github.com/gosv/gosv/testproc"
)

// forked is the last argument of a process started by fork: descriptor 3 is then a
// pipe that it closes as soon as its script runs.
const forked = "forked"

// fork starts a child that runs the body, with these clone(2) flags. It returns when
// the child runs the body, so a signal sent after that meets the inherited dispositions.
func (p *process) fork(body []testproc.Op, flags uintptr) (pid int) {
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		fail("pipe", err)
	}
	script := testproc.Format(append(p.inherited(), body...))
	pid, err := syscall.ForkExec("/proc/self/exe", []string{os.Args[0], marker, script, forked}, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2, uintptr(pipe[1])},
		Sys:   &syscall.SysProcAttr{Cloneflags: flags},
	})
	if err != nil {
		fail("fork", err)
	}
	_ = syscall.Close(pipe[1])
	p.blocking(func() { awaitEOF(pipe[0]) })
	_ = syscall.Close(pipe[0])
	return pid
}

// inherit runs the ignore operations at the start of the script, which fork may have
// put there, notifies the waiting parent, and returns how many operations it ran.
func (p *process) inherit(ops []testproc.Op) (done int) {
	for done < len(ops) && ops[done].Verb == testproc.Ignore {
		p.do(ops[done])
		done++
	}
	if len(os.Args) == 4 && os.Args[3] == forked {
		_ = syscall.Close(3)
	}
	return done
}

// inherited returns operations that ignore the signals which this process ignores. The
// Go runtime of the new process installs its own handlers for all signals except an
// ignored HUP or INT, so the script must restore the dispositions.
func (p *process) inherited() []testproc.Op {
	ops := []testproc.Op{}
	for sig := range p.signals.ignored {
		ops = append(ops, testproc.Op{Verb: testproc.Ignore, Sig: sig})
	}
	sort.Slice(ops, func(i, j int) bool { return ops[i].Sig < ops[j].Sig })
	return ops
}

// daemon starts a grandchild as daemon(3) does, but in the same session.
func (p *process) daemon(body []testproc.Op) {
	parent := p.fork([]testproc.Op{{Verb: testproc.Fork, Body: body}}, 0)
	p.blocking(func() { awaitChild(parent) })
}

func (p *process) wait() {
	for len(p.children) > 0 {
		pid := p.children[0]
		p.blocking(func() { awaitChild(pid) })
		p.children = slices.DeleteFunc(p.children, func(other int) bool { return other == pid })
	}
}

func awaitChild(pid int) {
	for {
		if _, err := syscall.Wait4(pid, nil, 0, nil); err != syscall.EINTR {
			return
		}
	}
}

func awaitEOF(fd int) {
	for {
		n, err := syscall.Read(fd, make([]byte, 1))
		if err != syscall.EINTR && n <= 0 {
			return
		}
	}
}

// fail prints the error and exits with status 98, because the script cannot continue.
func fail(what string, err error) {
	os.Stderr.WriteString("testproc: " + what + ": " + err.Error() + "\n")
	exit(98)
}
