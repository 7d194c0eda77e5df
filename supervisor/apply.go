package supervisor

import (
	"fmt"
	"reflect"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// Plan is a change of the set of services while the supervisor runs. What it does not
// name stays as it is, and nothing happens to it.
type Plan struct {
	Add    []config.Service // are added and started
	Update []config.Service // have this configuration from their next start on, and these limits now
	// Restart are those of Update that get the new configuration now, if they run.
	Restart []string
	Remove  []string // are stopped, and forgotten when nothing of them lives
}

// Apply hands a plan to the loop, from any goroutine. done, unless nil, is called from the
// loop when the plan was carried out, or with the reason for which none of it was; stops
// and restarts go on after it. It must not block. ErrEnded: the supervisor has ended.
func (s *Supervisor) Apply(p Plan, done func(error)) error {
	return s.send(planRequest{p, done})
}

type planRequest struct {
	plan Plan
	done func(error)
}

func (r planRequest) obey(s *Supervisor) {
	err := s.check(r.plan)
	if err == nil {
		s.carryOut(r.plan)
	}
	if r.done != nil {
		r.done(err)
	}
}

// check returns why a plan cannot be applied. A plan is applied as a whole or not at all.
func (s *Supervisor) check(p Plan) error {
	switch {
	case s.phase > running:
		return ErrEnded
	case s.ending.asked:
		return ErrShuttingDown
	}
	named := map[string]bool{}
	once := func(name string, exists bool) error {
		switch {
		case named[name]:
			return fmt.Errorf("the plan names the service %q twice", name)
		case exists && s.services.find(name) == nil:
			return fmt.Errorf("there is no service %q", name)
		case !exists && s.services.find(name) != nil:
			return fmt.Errorf("there is a service %q already", name)
		}
		named[name] = true
		return nil
	}
	for _, conf := range p.Add {
		if err := once(conf.Name, false); err != nil {
			return err
		}
	}
	for _, conf := range p.Update {
		if err := once(conf.Name, true); err != nil {
			return err
		}
	}
	for _, name := range p.Remove {
		if err := once(name, true); err != nil {
			return err
		}
	}
	for _, name := range p.Restart {
		if !named[name] || s.services.find(name) == nil {
			return fmt.Errorf("the plan restarts the service %q and does not update it", name)
		}
	}
	return nil
}

// carryOut carries out a plan that was checked.
func (s *Supervisor) carryOut(p Plan) {
	environ := environment(s.opt.Environ, nil)
	var added []*service
	for _, conf := range p.Add {
		svc := s.newService(conf, environ)
		s.services.add(svc)
		added = append(added, svc)
	}
	s.services.republish()
	for _, conf := range p.Update {
		s.update(s.services.find(conf.Name), conf, environ)
	}
	for _, name := range p.Restart {
		s.restart(s.services.find(name))
	}
	for _, name := range p.Remove {
		svc := s.services.find(name)
		svc.removed = true
		s.guarded(svc, func() { s.step(svc, lifecycle.Event{Kind: lifecycle.Stop}) })()
		s.forgetRemoved(svc)
	}
	if s.phase < running {
		return // they are started with the others
	}
	for _, svc := range added {
		s.guarded(svc, func() { s.step(svc, lifecycle.Event{Kind: lifecycle.Start}) })()
	}
}

// update gives a service a new configuration. What runs keeps its program, and gets its
// limits.
func (s *Supervisor) update(svc *service, conf config.Service, environ []string) {
	fresh := s.newService(conf, environ)
	limits := cgroupLimits(conf.Limits)
	before := cgroupLimits(svc.conf.Limits)
	svc.conf, svc.policy, svc.env, svc.dir, svc.limitsReported = fresh.conf, fresh.policy, fresh.env, fresh.dir, false
	if s.cgroups.tree != nil && !reflect.DeepEqual(before, limits) {
		s.submit(limitTask{service: svc.name(), before: before, limits: limits, tree: s.cgroups.tree, then: func(unset []cgroupfs.Unset) {
			if s.services.find(svc.name()) == svc {
				s.cgroups.reportLimits(svc, limitWarnings(unset, conf.Limits))
			}
		}})
	}
}

// restart stops a service that is up and starts it when nothing of it lives.
func (s *Supervisor) restart(svc *service) {
	if !svc.state.Wanted {
		return
	}
	s.guarded(svc, func() {
		s.step(svc, lifecycle.Event{Kind: lifecycle.Stop})
		s.step(svc, lifecycle.Event{Kind: lifecycle.Start})
	})()
}

// forgetRemoved removes a service that was to be removed when nothing of it lives.
func (s *Supervisor) forgetRemoved(svc *service) {
	if svc.removed && svc.inst == nil && svc.state.AtRest() && s.services.find(svc.name()) == svc {
		s.set(svc.alarm, sys.Never)
		s.services.remove(svc)
	}
}

// limitTask writes limits into the cgroup of a service: the kernel may take its time to
// reclaim memory there.
type limitTask struct {
	service string
	before  cgroupfs.Limits
	limits  cgroupfs.Limits
	tree    *cgroupfs.Tree
	then    func([]cgroupfs.Unset)
}

func (t limitTask) run(sys.JobKernel) func() {
	unset := t.tree.SetLimits(t.service, t.before, t.limits)
	return func() { t.then(unset) }
}
