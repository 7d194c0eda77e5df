package live

import (
	"bytes"
	"os"
	"syscall"
	"time"

	"github.com/gosv/gosv/testproc"
)

// process is the state of this test process.
type process struct {
	signals   signals
	handling  bool          // a handler is running, so other handlers wait
	children  []int         // not waited for yet
	endLeader chan struct{} // closed when the first thread shall exit
}

func (p *process) run(ops []testproc.Op) {
	for _, op := range ops {
		p.handleWaiting()
		p.do(op)
	}
	p.handleWaiting()
}

func (p *process) do(op testproc.Op) {
	switch op.Verb {
	case testproc.Exit:
		exit(op.N)
	case testproc.Die:
		die(op.Sig)
	case testproc.Sleep:
		p.sleep(op.Time)
	case testproc.Block:
		p.block(op.Time)
	case testproc.Print:
		p.write(os.Stdout, []byte(op.Text+"\n"))
	case testproc.Warn:
		p.write(os.Stderr, []byte(op.Text+"\n"))
	case testproc.Write:
		p.write(os.Stdout, []byte(op.Text))
	case testproc.Flood:
		p.flood(op.N)
	case testproc.Ignore:
		p.signals.ignore(op.Sig)
	case testproc.Default:
		p.signals.reset(op.Sig)
	case testproc.On:
		p.signals.handle(op.Sig, op.Body)
	case testproc.Fork:
		p.children = append(p.children, p.fork(op.Body, 0))
	case testproc.Sibling:
		p.fork(op.Body, syscall.CLONE_PARENT)
	case testproc.Daemon:
		p.daemon(op.Body)
	case testproc.Setsid:
		if _, err := syscall.Setsid(); err != nil {
			exit(99)
		}
	case testproc.Setpgid:
		if err := syscall.Setpgid(0, 0); err != nil {
			exit(99)
		}
	case testproc.Stop:
		raise(syscall.SIGSTOP)
	case testproc.Wait:
		p.wait()
	case testproc.Trace:
		p.trace(op.N)
	case testproc.EndLeader:
		p.exitFirstThread()
	case testproc.Loop:
		for {
			p.run(op.Body)
		}
	default:
		panic("testproc/live does not know the operation " + string(op.Verb))
	}
}

// handleWaiting runs the handlers of the signals that have arrived.
func (p *process) handleWaiting() {
	for !p.handling {
		select {
		case sig := <-p.signals.arrived:
			p.handle(sig)
		default:
			return
		}
	}
}

func (p *process) handle(sig os.Signal) {
	p.handling = true
	p.run(p.signals.handlers[sig.(syscall.Signal)])
	p.handling = false
}

// arrivals returns the channel of signals to handle now, which is nil inside a handler.
func (p *process) arrivals() <-chan os.Signal {
	if p.handling {
		return nil
	}
	return p.signals.arrived
}

// blocking makes a system call that may block, and runs signal handlers while it does.
func (p *process) blocking(call func()) {
	done := make(chan struct{})
	go func() {
		call()
		close(done)
	}()
	for {
		select {
		case <-done:
			return
		case sig := <-p.arrivals():
			p.handle(sig)
		}
	}
}

// sleep uses no timer if the duration is Forever, because the Go runtime would open an
// epoll descriptor for it: a sleeping test process must have only the descriptors it was
// given.
func (p *process) sleep(d time.Duration) {
	if d == testproc.Forever {
		p.blocking(func() {
			for {
				_ = syscall.Pause()
			}
		})
	}
	for {
		select {
		case <-time.After(d):
			return
		case sig := <-p.arrivals():
			p.handle(sig)
		}
	}
}

// write drops what cannot be written. A broken pipe kills the process by SIGPIPE unless
// the script ignores or handles that signal.
func (p *process) write(to *os.File, text []byte) {
	p.blocking(func() { _, _ = to.Write(text) })
}

func (p *process) flood(n int) {
	const most = 1 << 16
	chunk := bytes.Repeat([]byte{'x'}, min(n, most))
	for ; n > 0; n -= min(n, most) {
		p.write(os.Stdout, chunk[:min(n, most)])
	}
}
