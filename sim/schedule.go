package sim

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checkBackoff checks rules 4, 5 and 6. It computes the delay and the count from the times
// of the kernel and the drawn jitter.
func (c *checker) checkBackoff(t *serviceModel, ch supervisor.Change) {
	b := t.svc.Backoff
	c.afterStable(t, ch)
	if refused := ch.Cause == lifecycle.Deadline || machineSake[t.errno]; !refused {
		t.attempt++
		t.retries = 0
	} else {
		t.retries++
	}
	if t.attempt > 1 || t.stableReset {
		c.decide(ruleReset)
	}
	t.stableReset = false
	if t.svc.MaxRestarts != config.Unlimited {
		c.decide(ruleLimit)
	}
	if ch.State.Attempt != t.attempt {
		c.fail(ruleReset, "%s: it is %d, want %d", ch.Service, ch.State.Attempt, t.attempt)
	}
	if t.svc.MaxRestarts != config.Unlimited && t.attempt > t.svc.MaxRestarts {
		c.fail(ruleLimit, "%s: restart %d of %d", ch.Service, t.attempt, t.svc.MaxRestarts)
	}
	want := schedule(b, t.attempt+t.retries)
	if b.Jitter > 0 && !c.fresh {
		c.fail(ruleDelay, "%s: restart %d has no jitter of its own", ch.Service, t.attempt)
	}
	c.fresh = false
	want += time.Duration(float64(want) * b.Jitter * c.drawn)
	if t.retries > 0 {
		want = max(want, 10*time.Millisecond)
	}
	if got := ch.State.Deadline - ch.At; got != want {
		c.fail(ruleDelay, "%s: restart %d, try %d waits %v, want %v", ch.Service, t.attempt, t.retries, got, want)
	}
	t.due = max(ch.State.Deadline, c.learned(t, ch)+want)
}

// learned is when the kernel told gosv of the end that a change is about; 0: it told
// nothing.
func (c *checker) learned(t *serviceModel, ch supervisor.Change) time.Duration {
	switch {
	case ch.Cause == lifecycle.MainExited && t.instance != nil:
		return t.instance.seenAt
	case ch.Cause == lifecycle.SpawnFailed:
		return c.resultAt
	}
	return 0
}

// machineSake are the errnos of starts that the machine refused.
var machineSake = map[syscall.Errno]bool{syscall.EAGAIN: true, syscall.ENOMEM: true, syscall.EMFILE: true, syscall.ENFILE: true,
	syscall.ETXTBSY: true, syscall.EBUSY: true, syscall.EIO: true, syscall.ENOSPC: true}

// afterStable: 5. The run counts from the exec to the moment of its observed end,
// which is no earlier than the end.
func (c *checker) afterStable(t *serviceModel, ch supervisor.Change) {
	if ch.Cause == lifecycle.MainExited && (ch.At-t.instance.born-t.svc.Backoff.ResetAfter).Abs() <= 1 {
		c.k.Fire(fakesys.Boundary)
	}
	if ch.Cause == lifecycle.MainExited && max(ch.At, t.instance.endedAt)-t.instance.born >= t.svc.Backoff.ResetAfter {
		t.stableReset = t.attempt > 0
		t.attempt = 0
	}
}

// schedule multiplies step by step, as a person would.
func schedule(b config.Backoff, n int) time.Duration {
	d := float64(b.Initial)
	if b.Factor == 1 || b.Initial == 0 {
		return min(b.Initial, b.Max)
	}
	for i := 1; i < n && d < float64(b.Max); i++ {
		d *= b.Factor
	}
	return time.Duration(min(d, float64(b.Max)))
}

// checkLate checks rule 4: a start is no later than its delay says, unless processes of the
// old instance were left, or seemed to be.
func (c *checker) checkLate(t *serviceModel, now time.Duration) {
	due := t.due
	if f := t.instance; f != nil {
		if f.living > 0 || c.mayMissProcesses() {
			return
		}
		due = max(due, max(f.lastDeath, c.mayMissAt)+c.detectionBound())
	}
	if now > due+c.s.maxDelay() && now > due+c.s.maxDelay()+c.k.InCalls(t.since) {
		c.fail(ruleDelay, "%s waits %v longer than its delay says", t.svc.Name, now-t.due)
	}
}

// checkEnded checks rule 6: a service is given up, or not restarted, only as its policy
// says.
func (c *checker) checkEnded(t *serviceModel, ch supervisor.Change) {
	c.afterStable(t, ch)
	p, last := t.svc, ch.State.Last
	final := last.Final && (c.s.Attached || c.s.Cgroup == config.CgroupRequire) // nobody else may say so
	success := last.Cause == lifecycle.ByExit && last.Code == 0                 // by its own measure
	secondEndAt := !final && p.Restart != config.RestartNever && !(p.Restart == config.RestartOnFailure && success)
	allowed := !secondEndAt && success
	if ch.State.Phase == lifecycle.Failed {
		atOnce := c.s.Attached && ch.Cause == lifecycle.SpawnFailed && !machineSake[t.errno] && ch.State.Generation == 1
		allowed = atOnce || !secondEndAt && !success || secondEndAt && p.MaxRestarts != config.Unlimited && t.attempt == p.MaxRestarts
	}
	if ch.Cause == lifecycle.SpawnFailed && machineSake[t.errno] && !final {
		allowed = false
	}
	c.decide(ruleLimit)
	if !allowed {
		c.fail(ruleLimit, "%s is %v after %d of %d restarts (%v, restart %s)", ch.Service, ch.State.Phase, t.attempt, p.MaxRestarts, last, p.Restart)
	}
	t.due = -1
}
