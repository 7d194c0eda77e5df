package live

import (
	"bytes"
	"os"
	"syscall"
	"time"

	"github.com/gosv/gosv/testproc"
)

// process is this process as a testproc.
type process struct {
	signals  signals
	handling bool          // a handler runs: others wait
	children []int         // not waited for yet
	headless chan struct{} // closed when the first thread is to end
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
	case testproc.Headless:
		p.behead()
	case testproc.Loop:
		for {
			p.run(op.Body)
		}
	default:
		panic("testproc/live does not know the operation " + string(op.Verb))
	}
}

// handleWaiting runs the handlers of signals that came meanwhile.
func (p *process) handleWaiting() {
	for !p.handling {
		select {
		case sig := <-p.signals.came:
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

// arrivals is the channel of signals to handle now: none inside a handler.
func (p *process) arrivals() <-chan os.Signal {
	if p.handling {
		return nil
	}
	return p.signals.came
}

// blocking does a system call that may block, and runs handlers in its midst.
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

// sleep for ever is without a timer, for which Go's runtime would open an epoll:
// a testproc at rest has no descriptors but those it was given.
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

// write gives up what cannot be written. A broken pipe kills the process as it
// kills any other, unless the script ignores or handles PIPE.
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
