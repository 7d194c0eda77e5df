package fakesys

import (
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// Wait runs the world until there is a reason to wake gosv, or until the given instant.
// Other events of the same instant may run first, by choice. A reason wakes gosv once:
// what it does not drain does not wake it again.
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

// comesFirst reports whether no event is scheduled before an instant.
func (w *World) comesFirst(until time.Duration) bool {
	at, any := w.queue.next(w.now)
	return until != sys.Never && (!any || until <= at)
}

// run advances time to the next event if none is due, and runs one event.
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

// wake adds a reason to wake gosv. If gosv waits, it runs at this instant, or later if it
// is starved.
func (k *Kernel) wake(why sys.Reason) {
	k.trace.text.woken(why)
	k.pending |= why
	if k.blocked && k.waiting == nil {
		k.waiting = k.after(k.faults.starved(k.World, why), "gosv runs", func() {
			k.waiting = nil
			k.woken = !k.self.stopped // a stopped gosv continues at CONT
		})
	}
}

// Wake makes the current or the next Wait return with WokeCommand. In the fake it is for
// actions of the world, such as a command that arrives.
func (k *Kernel) Wake() {
	if k.dead() {
		return
	}
	k.wake(sys.WokeCommand)
	k.done(OpWake, 0, 0, "", nil)
}

// receive handles a signal to gosv itself.
func (k *Kernel) receive(sig syscall.Signal) {
	switch {
	case sig == syscall.SIGKILL:
		k.crash()
		return
	case sig == syscall.SIGCONT:
		k.continued()
		return
	case stopSignals.has(sig) && (sig != syscall.SIGTSTP || !k.hasTerminal()):
		k.self.stopped = true
		k.Fire(Starved)
		return
	case sig == syscall.SIGCHLD:
		return
	}
	if k.ends += flag(terminates(sig)); k.ends > 1 || k.ends == 1 && !terminates(sig) {
		k.Fire(SignalStorm)
	}
	if !slices.Contains(k.inbox, sig) { // a standard signal is pending once
		k.inbox = append(k.inbox, sig)
	}
	k.wake(sys.WokeSignal)
}

// terminates reports whether a signal asks a program to terminate.
func terminates(sig syscall.Signal) bool {
	return sig == syscall.SIGTERM || sig == syscall.SIGINT || sig == syscall.SIGQUIT
}

// Signals drains the signals to gosv.
func (k *Kernel) Signals() []syscall.Signal {
	k.call()
	sigs := k.inbox
	k.inbox = nil
	k.done(OpSignals, len(sigs), 0, "", nil)
	return sigs
}
