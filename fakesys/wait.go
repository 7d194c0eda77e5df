package fakesys

import (
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// Wait lets the world go on until something happened that gosv is told about,
// or until the instant given. Other events of the same instant may come first,
// by choice. A reason is told once: what gosv does not drain does not wake it
// again.
func (k *Kernel) Wait(until time.Duration) sys.Reason {
	k.call()
	k.note(k.self.pid, OpWait, int(until), 0, "", 0)
	if until <= k.now {
		k.pending |= sys.WokeDeadline
	}
	if k.pending == 0 {
		if k.happens(WaitInterrupted, k.faults.Interrupt) {
			k.after(k.part(time.Second), "wait is interrupted", func() { k.wake(0) })
		}
		k.block(until)
	}
	why := k.pending
	k.pending = 0
	k.note(k.self.pid, EvWoke, int(why), 0, "", 0)
	k.stepped()
	return why
}

// block runs the world until a wake has come.
func (k *Kernel) block(until time.Duration) {
	var deadline *event
	k.blocked, k.woken = true, false
	for !k.woken {
		if deadline == nil && k.comesFirst(until) {
			k.pass(until)
			deadline = k.after(0, "deadline", func() { k.wake(sys.WokeDeadline) })
		}
		k.run()
	}
	k.blocked = false
	k.queue.cancel(deadline)
	k.survived()
}

// comesFirst tells whether nothing happens before an instant.
func (w *World) comesFirst(until time.Duration) bool {
	at, any := w.queue.next(w.now)
	return until != sys.Never && (!any || until <= at)
}

// run advances time to the next event, if none is due, and runs one event.
func (w *World) run() {
	at, any := w.queue.next(w.now)
	if !any {
		panic(&Deadlock{At: w.now, Processes: w.Processes()})
	}
	w.pass(at)
	w.step()
}

// pass advances time to an instant and makes its events due.
func (w *World) pass(at time.Duration) {
	if w.opt.Horizon > 0 && at > w.opt.Horizon {
		w.now = w.opt.Horizon
		panic(&HorizonReached{At: w.now})
	}
	if at > w.now {
		w.now = at
		w.still = 0
	}
	w.queue.fill(w.now)
}

// wake tells gosv a reason. If it waits, it gets the processor soon: at this
// instant, or late when it is starved.
func (k *Kernel) wake(why sys.Reason) {
	k.trace.text.woken(why)
	k.pending |= why
	if k.blocked && k.waiting == nil {
		k.waiting = k.after(k.faults.starved(k.World, why), "gosv runs", func() {
			k.waiting = nil
			k.woken = !k.self.stopped // else it goes on at CONT
		})
	}
}

// Wake makes the present or the next Wait return with WokeCommand. In the fake
// it is for actions of the world, such as a command that arrives.
func (k *Kernel) Wake() {
	if k.dead() {
		return
	}
	k.wake(sys.WokeCommand)
	k.done(OpWake, 0, 0, "", nil)
}

// receive is a signal to gosv itself.
func (k *Kernel) receive(sig syscall.Signal) {
	switch {
	case sig == syscall.SIGKILL:
		k.crash()
		return
	case sig == syscall.SIGCONT:
		k.continued()
		return
	case stopSignals.has(sig) && (sig != syscall.SIGTSTP || k.tty == nil):
		k.self.stopped = true
		k.Fire(Starved)
		return
	case sig == syscall.SIGCHLD:
		return
	}
	if k.ends += endings(sig); k.ends > 1 || k.ends == 1 && endings(sig) == 0 {
		k.Fire(SignalStorm)
	}
	if !slices.Contains(k.inbox, sig) { // a standard signal is pending once
		k.inbox = append(k.inbox, sig)
	}
	k.wake(sys.WokeSignal)
}

// endings counts a signal that ends most programs.
func endings(sig syscall.Signal) int {
	return flag(sig == syscall.SIGTERM || sig == syscall.SIGINT || sig == syscall.SIGQUIT)
}

// Signals drains the signals to gosv.
func (k *Kernel) Signals() []syscall.Signal {
	k.call()
	sigs := k.inbox
	k.inbox = nil
	k.done(OpSignals, len(sigs), 0, "", nil)
	return sigs
}
