package supervisor

import (
	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/sys"
)

// staleMember is a process that a dead gosv left.
type staleMember struct {
	cgroupfs.Survivor
	handle sys.Handle // 0: out of reach until the next round
}

// reclaimResult is what one round found, and whether it cleared the instance.
type reclaimResult struct {
	members []staleMember
	kill    bool
	done    bool
	err     error
}

// reclaimTask is one round at a stale instance: it lists who lives there, and removes the
// instance if noOwner does. With kill it kills all, where that can be done as a whole.
type reclaimTask struct {
	inst *cgroupfs.StaleInstance
	kill bool
	then func(reclaimResult)
}

func (t reclaimTask) run(k sys.JobKernel) func() {
	res := t.round(k)
	return func() { t.then(res) }
}

func (t reclaimTask) round(k sys.JobKernel) reclaimResult {
	res := reclaimResult{kill: t.kill}
	if !t.kill {
		survivors, err := t.inst.Survivors()
		if err != nil || len(survivors) > 0 {
			res.err = err
			_ = t.inst.Thaw() // what is frozen is killed when its grace is over
			t.hold(k, &res, survivors)
			return res
		}
	}
	var left []cgroupfs.Survivor
	res.done, res.err = t.inst.Reclaim(func(pid int) { left = append(left, cgroupfs.Survivor{PID: pid}) })
	t.hold(k, &res, left)
	return res
}

// hold opens handles. A handle is bound to a process, not to a PID: if the PID is a
// member's once the handle is open, the handle names that member, or one that is gone.
func (t reclaimTask) hold(k sys.JobKernel, res *reclaimResult, list []cgroupfs.Survivor) {
	for _, s := range list {
		h, err := k.OpenPid(s.PID)
		if err == nil && !t.inst.Contains(s.PID) {
			k.Close(h)
			continue
		}
		if err != nil {
			h = 0 // it went by itself, or can be had the next time (EMFILE)
		}
		res.members = append(res.members, staleMember{s, h})
	}
}
