package supervisor

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/sys"
)

// Bounds of the recovery of what dead gosvs left.
const (
	reclaimJobBound = time.Minute     // how long a job of it may take
	progressPause   = 5 * time.Second // between two reports of progress
)

// recovery clears what dead gosvs left in their cgroups, so that no service runs twice:
// leftovers get the stop signal of their service and its grace, then SIGKILL, and the
// cgroups are removed. What cannot be found or killed in time is left behind, and that
// is reported.
type recovery struct {
	*core
	find   func() ([]*cgroupfs.StaleInstance, error)
	stopOf func(service string) (syscall.Signal, time.Duration)
	signal func(sys.Handle, syscall.Signal) error
	close  func(sys.Handle)

	alarm  *alarm // ends a wait
	until  time.Duration
	pause  time.Duration
	list   []*reclaim
	tried  bool // to look for stale instances, since start
	looked bool // everything stale was found
}

func newRecovery(s *Supervisor) *recovery {
	return &recovery{
		core: s.core,
		find: func() ([]*cgroupfs.StaleInstance, error) {
			return cgroupfs.FindStaleInstances(s.k, s.k.Pid(), s.cgroupOptions())
		},
		stopOf: s.stopOf, signal: s.k.Signal, close: s.k.Close, alarm: newAlarm(func() {}),
	}
}

// stopOf is how leftovers of a service are stopped. One that is not configured any more
// is stopped like a service with the defaults.
func (s *Supervisor) stopOf(name string) (syscall.Signal, time.Duration) {
	if svc := s.services.find(name); svc != nil {
		return svc.conf.StopSignal, svc.conf.StopTimeout
	}
	return syscall.SIGTERM, defaultStopTimeout
}

// start begins to look for what dead gosvs left.
func (r *recovery) start() {
	if r.until == 0 {
		r.until = r.now() + reclaimBound
	}
	r.tried, r.looked, r.pause = false, false, 0
	r.set(r.alarm, sys.Never)
}

// turn goes on, and reports whether the recovery is over.
func (r *recovery) turn() bool {
	if !r.looked && r.alarm.at == sys.Never {
		r.look()
	}
	for _, one := range slices.Clone(r.list) {
		r.goOn(one)
	}
	return r.looked && len(r.list) == 0
}

// look looks for stale instances. What the machine lacks just then it may have a moment
// later.
func (r *recovery) look() {
	r.tried = true
	found, err := r.find()
	for _, inst := range found {
		if slices.ContainsFunc(r.list, func(one *reclaim) bool { return one.inst.Path == inst.Path }) {
			inst.Release()
			continue
		}
		r.list = append(r.list, &reclaim{inst: inst, alarm: newAlarm(func() {})})
	}
	now := r.now()
	switch {
	case err == nil:
		r.looked = true
	case now >= r.until:
		r.looked = true
		r.report(StaleScanFailed{Err: err})
	default:
		r.pause = longer(r.pause)
		r.set(r.alarm, min(r.until, now+r.pause))
	}
}

// finish goes on with what was found, because gosv is to end, and reports whether the
// recovery is over.
func (r *recovery) finish() bool {
	if !r.tried {
		r.look()
	}
	r.looked = true
	return r.turn()
}

// killNow ends every grace.
func (r *recovery) killNow() {
	for _, one := range r.list {
		if one.graceBy != 0 {
			one.graceBy = min(one.graceBy, r.now())
			r.set(one.alarm, sys.Never)
		}
	}
}

// release gives a stale instance to the next gosv, unless a job is still at it.
func (r *recovery) release(one *reclaim) {
	one.dropped = true
	r.set(one.alarm, sys.Never)
	if !one.working {
		one.inst.Release()
	}
}

// reclaim is one stale instance that is being cleared.
type reclaim struct {
	inst       *cgroupfs.StaleInstance
	alarm      *alarm
	began      bool
	working    bool          // a job is at it
	dropped    bool          // it was given up
	since      time.Duration // when the job began
	pause      time.Duration
	stopped    []int         // members that had their stop signal
	graceBy    time.Duration // then they are killed; 0: none had its stop signal
	until      time.Duration // then it is left behind; 0: nothing was killed
	progressAt time.Duration // when progress was reported last
	reported   bool          // that it takes a while
	err        error         // of the last round
}

// goOn begins the next round of one instance when it is due.
func (r *recovery) goOn(one *reclaim) {
	now := r.now()
	switch {
	case one.working && now-one.since < reclaimJobBound:
		return
	case one.working, one.until != 0 && now >= one.until:
		r.giveUp(one)
		return
	case one.began && one.alarm.at != sys.Never:
		return // between two rounds
	}
	kill := one.graceBy != 0 && now >= one.graceBy
	if kill && one.until == 0 {
		one.until = now + reclaimBound
	}
	one.began, one.working, one.since = true, true, now
	r.set(one.alarm, now+reclaimJobBound)
	r.submit(reclaimTask{inst: one.inst, kill: kill, then: func(res reclaimResult) { r.worked(one, res) }})
}

// worked follows a round.
func (r *recovery) worked(one *reclaim, res reclaimResult) {
	one.working, one.err = false, res.err
	r.set(one.alarm, sys.Never)
	if one.dropped {
		r.closeAll(res)
		one.inst.Release()
		return
	}
	r.signalMembers(one, res)
	r.closeAll(res)
	if res.done {
		r.reportStopped(one, true)
		r.drop(one)
		return
	}
	now := r.now()
	if one.until == 0 && one.graceBy == 0 {
		one.until = now + reclaimBound // nothing to wait for but the removal
	}
	r.reportProgress(one, res)
	one.pause = longer(one.pause)
	next := now + one.pause
	for _, at := range []time.Duration{one.graceBy, one.until} {
		if at > now {
			next = min(next, at)
		}
	}
	r.set(one.alarm, next)
}

// signalMembers gives new members their stop signal, or kills all.
func (r *recovery) signalMembers(one *reclaim, res reclaimResult) {
	grace := time.Duration(0)
	var fresh []int
	for _, m := range res.members {
		sig, wait := r.stopOf(m.Service)
		switch {
		case m.handle == 0:
		case res.kill:
			_ = r.signal(m.handle, syscall.SIGKILL) // ESRCH: it went by itself
		case !slices.Contains(one.stopped, m.PID):
			fresh = append(fresh, m.PID)
			grace = max(grace, wait)
			_ = r.signal(m.handle, sig)
			_ = r.signal(m.handle, syscall.SIGCONT)
		}
	}
	if len(fresh) == 0 {
		return
	}
	one.stopped = append(one.stopped, fresh...)
	if one.graceBy == 0 {
		one.graceBy, one.until = r.now()+grace, 0
		one.progressAt = r.now()
	}
	slices.Sort(fresh)
	r.report(StaleStopping{Path: one.inst.Path, PIDs: fresh, Grace: one.graceBy - r.now()})
}

func (r *recovery) closeAll(res reclaimResult) {
	for _, m := range res.members {
		if m.handle != 0 {
			r.close(m.handle)
		}
	}
}

func (r *recovery) reportProgress(one *reclaim, res reclaimResult) {
	now := r.now()
	if !one.reported && one.graceBy == 0 {
		one.reported, one.progressAt = true, now
		r.report(ReclaimStarted{Path: one.inst.Path, Bound: reclaimBound})
	}
	if now-one.progressAt >= progressPause {
		one.progressAt = now
		r.report(ReclaimProgress{Path: one.inst.Path, Left: len(res.members)})
	}
}

// giveUp leaves an instance behind.
func (r *recovery) giveUp(one *reclaim) {
	err := one.err
	switch {
	case one.working:
		err = fmt.Errorf("a look into it hangs")
	case err == nil:
		err = fmt.Errorf("something in it does not die")
	}
	r.reportStopped(one, false)
	r.report(ReclaimFailed{Path: one.inst.Path, Tried: reclaimBound, Err: err})
	r.release(one)
	r.drop(one)
}

func (r *recovery) drop(one *reclaim) {
	r.list = slices.DeleteFunc(r.list, func(other *reclaim) bool { return other == one })
}

// reportStopped reports what became of the members of an instance.
func (r *recovery) reportStopped(one *reclaim, gone bool) {
	if one.working {
		return // its job knows more
	}
	if killed := slices.Sorted(slices.Values(one.inst.Killed)); len(killed) > 0 {
		r.report(StaleKilled{Path: one.inst.Path, PIDs: killed, AllExited: gone})
	} else if gone {
		r.report(InstanceReclaimed{Path: one.inst.Path})
	}
}
