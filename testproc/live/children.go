package live

import (
	"os"
	"slices"
	"sort"
	"syscall"

	"github.com/gosv/gosv/testproc"
)

// forked is the last argument of a testproc started by a testproc: descriptor 3 is
// then a pipe to close as soon as the script runs.
const forked = "forked"

// fork starts a child, by these flags of clone(2), that runs the body, and returns
// when it begins to: a signal sent after that meets the dispositions it inherited.
func (p *process) fork(body []testproc.Op, flags uintptr) (pid int) {
	var pipe [2]int
	if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
		fail("pipe", err)
	}
	script := testproc.Format(append(p.inherited(), body...))
	pid, err := syscall.ForkExec("/proc/self/exe", []string{os.Args[0], word, script, forked}, &syscall.ProcAttr{
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

// inherit does the first operations of a script as far as they may be what fork
// put there, tells the parent that waits for it, and returns how many it did.
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

// inherited gives the operations that ignore what this process ignores. Go's
// runtime installs its own handlers over all but an ignored HUP and INT, so a
// new process has to be told.
func (p *process) inherited() []testproc.Op {
	ops := []testproc.Op{}
	for sig := range p.signals.ignored {
		ops = append(ops, testproc.Op{Verb: testproc.Ignore, Sig: sig})
	}
	sort.Slice(ops, func(i, j int) bool { return ops[i].Sig < ops[j].Sig })
	return ops
}

// daemon starts a grandchild, as daemon(3) does, but without a new session.
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

// fail ends a testproc that cannot play its script, with 98.
func fail(what string, err error) {
	os.Stderr.WriteString("testproc: " + what + ": " + err.Error() + "\n")
	exit(98)
}
