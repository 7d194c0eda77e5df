package supervisor

import (
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// bootCgroups finds out what this machine can do and says plainly what it
// cannot. An error means that the configuration requires what is not there.
func (s *Supervisor) bootCgroups() error {
	if s.opt.Cgroup == config.CgroupOff {
		s.missing = cgroupsOff
		s.warnUnmet(s.missing)
		return nil
	}
	o := cgroupfs.Options{Systemd: s.opt.Host.Systemd, UID: s.opt.Host.UID, Command: s.opt.Host.Command, ProcErr: s.opt.Host.Blind}
	s.takeCgroups(o)
	if s.closing {
		return nil // nothing is started: what is missing is missed by nobody
	}
	if s.tree == nil && s.opt.Cgroup == config.CgroupRequire {
		return fmt.Errorf("the configuration requires cgroups (\"cgroup\": \"require\"), and this machine has none to give: %s", s.missing[0].Text)
	}
	level := Info // nobody misses it yet
	switch told := s.warnUnmet(s.missing); {
	case told:
		level = Debug
	case s.tree == nil:
		level = Warning
	}
	for _, f := range s.missing {
		s.report(CgroupFinding{Finding: f, level: level})
	}
	return nil
}

// takeCgroups makes gosv's own. What the machine lacks just then (descriptors,
// memory) it may have a moment later, and to do without is for life.
func (s *Supervisor) takeCgroups(o cgroupfs.Options) {
	for try := s.retries(reclaimBound); ; {
		s.reclaimDead(o) // what a try that failed halfway could not remove is dead, too
		if s.closing {
			return
		}
		if s.tree, s.missing = cgroupfs.Probe(s.k, s.k.Pid(), o); s.tree != nil {
			s.probeBirth()
		}
		if s.tree != nil {
			return
		}
		if !s.missing.Transient() || !try.unlessTold() {
			break
		}
	}
	s.reclaimDead(o)
}

// warnUnmet says once, for all services and all their starts, which limits are
// not in force, and tells whether there are any.
func (s *Supervisor) warnUnmet(missing cgroupfs.Findings) bool {
	sentences := UnenforceableLimits(missing, s.opt.Services)
	for _, text := range sentences {
		s.report(LimitsUnmet{Text: text})
	}
	return len(sentences) > 0
}

// probeBirth tries one birth in a fresh cgroup. Kernels before 5.7 cannot do
// that, and some (6.12, 6.18) kill whatever is born below a group that
// cgroup.kill once touched; there, children move in before they run anything. The
// program cannot be executed, so nothing runs: its error is the good answer.
func (s *Supervisor) probeBirth() {
	leaf := s.tree.LeafPath("+probe", 0) // no service has such a name
	if _, err := s.tree.Create(leaf, cgroupfs.Limits{}); err != nil {
		s.missing = append(cgroupfs.Findings{{Text: fmt.Sprintf("cgroups are not used: %v", err), Err: err}}, s.missing...)
		s.closeCgroups(orphanBound)
		return
	}
	s.lastSpawn++
	s.probe = s.lastSpawn
	s.k.Spawn(sys.SpawnRequest{ID: s.probe, Path: "/dev/null/gosv", Cgroup: leaf})
	r, ok := s.awaitProbe()
	var fail *sys.SpawnError
	why := ""
	switch {
	case ok && r.Err == nil:
		s.awaitEnd(r.Child.Handle)
		why = "it is killed at birth"
	case ok && errors.As(r.Err, &fail) && fail.Step == sys.StepCgroup:
		why = r.Err.Error()
	}
	if s.moveIn = why != ""; s.moveIn {
		s.report(MovesIntoCgroup{Reason: why})
	}
	s.removeDir(path.Dir(leaf)) // with the leaf
}

// awaitProbe waits for the probe, and gives up one that hangs: after a while, or
// at once if gosv is told to end.
func (s *Supervisor) awaitProbe() (sys.SpawnResult, bool) {
	for until := s.now() + lifecycle.KillWait; s.now() < until; s.k.Wait(until) {
		for _, r := range s.k.Spawned() {
			return r, true
		}
		if s.obeySignals(); s.closing {
			break
		}
	}
	s.k.Abort(s.probe)
	s.births[s.probe] = &generation{id: s.probe, aborted: true}
	s.awaited++
	return sys.SpawnResult{}, false
}

func (s *Supervisor) awaitEnd(h sys.Handle) {
	for until := s.now() + lifecycle.KillWait; s.now() < until; s.k.Wait(until) {
		if _, ended, err := s.k.Reap(h); ended || err != nil {
			break
		}
	}
	s.k.Close(h)
}

// makeLeaf makes the generation's own cgroup with its limits. What fails it is
// an event, so that nothing ever runs outside the group it was meant for.
func (s *Supervisor) makeLeaf(g *generation) *lifecycle.Event {
	if s.tree == nil {
		return nil
	}
	leaf := s.tree.LeafPath(g.svc.conf.Name, g.number)
	unset, err := s.tree.Create(leaf, cgroupLimits(g.svc.conf.Limits))
	warnings := limitWarnings(unset, g.svc.conf.Limits)
	if err != nil {
		s.removeDir(leaf)
		return &lifecycle.Event{Kind: lifecycle.SpawnFailed, Machine: true, Outcome: cannotStart(g.svc, err.Error())}
	}
	g.leaf = leaf
	before, ok := s.tree.OOMKills(leaf)
	if g.ooms = before; !ok {
		g.ooms = math.MaxUint64 // what is counted later may have been before
	}
	if len(warnings) == 0 {
		return nil
	}
	if s.opt.Cgroup == config.CgroupRequire {
		s.removeDir(leaf)
		out := cannotStart(g.svc, warnings[0])
		out.Final = true // trying again would not bring the controller
		return &lifecycle.Event{Kind: lifecycle.SpawnFailed, Outcome: out}
	}
	s.warnOfService(g.svc, warnings)
	return nil
}

func cannotStart(svc *service, why string) lifecycle.Outcome {
	return lifecycle.Outcome{Cause: lifecycle.StartFailed, Code: 126, Err: fmt.Sprintf("cannot start %q: %s", svc.conf.Name, why)}
}

// warnOfService says once per service what is true of each of its starts, and of
// no other service: warnUnmet has said the rest.
func (s *Supervisor) warnOfService(svc *service, warnings []string) {
	if svc.warned {
		return
	}
	told := limitWarnings(unenforceable(s.missing, svc.conf.Limits), svc.conf.Limits)
	for _, w := range warnings {
		if !slices.Contains(told, w) {
			s.report(LimitFailed{Service: svc.conf.Name, Text: w})
			svc.warned = true
		}
	}
}

// thaw lets members of a cgroup that somebody froze act on a signal. Where it
// cannot be seen whether it is frozen, thawing it does no harm.
func (s *Supervisor) thaw(g *generation) {
	if frozen, err := s.tree.FreezeRequested(g.leaf); err == nil && !frozen {
		return
	}
	if err := s.tree.Thaw(g.leaf); err != nil && !cgroupfs.IsGone(err) {
		s.report(ThawFailed{Service: g.svc.conf.Name, Err: err})
	}
}

// leafGone tells of an error that means the cgroup does not exist any more,
// and with it no member.
func (s *Supervisor) leafGone(err error) bool { return err != nil && cgroupfs.IsGone(err) }

// sawOOM tells whether the OOM killer took something of the service since the
// generation was made.
func (s *Supervisor) sawOOM(g *generation) bool {
	if g.leaf == "" {
		return false
	}
	n, ok := s.tree.OOMKills(g.leaf)
	return ok && n > g.ooms
}

// closeCgroups gives back what bootCgroups took, or keeps the lock of what is left:
// gosv may be in there, and go on. bound is how long what is busy is tried again.
func (s *Supervisor) closeCgroups(bound time.Duration) {
	if s.tree == nil {
		return
	}
	err := s.tree.Close()
	for try := s.retries(bound); err != nil && try.again(); err = s.tree.Close() {
		s.sweep()
	}
	if err != nil {
		s.report(InstanceKept{Path: s.tree.Path(), Err: err})
	}
	s.tree = nil
}
