package supervisor

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"syscall"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// ErrNotStarted is the error of a request that came before the services were started.
var ErrNotStarted = errors.New("the services are not started yet")

// reconfiguration is a request to run other services, or the same ones otherwise.
type reconfiguration struct {
	services []config.Service
	done     func(error)
}

// Reconfigure makes these services the configured ones, as config.Compare says: all of
// it or, with an error, nothing. It returns at once, from any goroutine; done is called
// from the loop when the commands that follow from it were carried out, and must not
// block. Services that are not configured any more are removed when they have stopped.
func (s *Supervisor) Reconfigure(services []config.Service, done func(error)) error {
	return s.send(reconfiguration{services, done})
}

func (r reconfiguration) obey(s *Supervisor) {
	switch {
	case s.phase > running:
		r.done(ErrEnded)
	case s.phase < running:
		r.done(ErrNotStarted)
	case s.ending.asked:
		r.done(ErrShuttingDown)
	default:
		r.done(s.reconfigure(r.services))
	}
}

func (s *Supervisor) reconfigure(services []config.Service) error {
	var present []config.Service
	for _, svc := range s.services.ordered {
		if !svc.leaving {
			present = append(present, svc.conf)
		}
	}
	changes := config.Compare(present, services)
	for _, c := range changes {
		if c.Action == config.StartIt && s.services.find(c.Service) != nil {
			return fmt.Errorf("%s was removed before and is still stopping; try again when it has stopped", c.Service)
		}
	}
	wanted := map[string]config.Service{}
	for _, conf := range services {
		wanted[conf.Name] = conf
	}
	environ := environment(s.opt.Environ, nil)
	for _, c := range changes {
		if c.Action == config.StartIt {
			s.services.add(s.newService(wanted[c.Service], environ))
		}
	}
	s.services.sort(services)
	s.inbox.resize(waitingCommands(len(s.services.ordered)))
	for _, c := range changes {
		svc := s.services.find(c.Service)
		s.guarded(svc, func() { s.change(svc, c.Action, wanted[c.Service], environ) })()
	}
	return nil
}

// change carries one change out.
func (s *Supervisor) change(svc *service, action config.Action, conf config.Service, environ []string) {
	switch action {
	case config.StartIt:
		if !conf.Manual {
			s.step(svc, lifecycle.Event{Kind: lifecycle.Start})
		}
	case config.StopIt:
		svc.leaving = true
		s.step(svc, lifecycle.Event{Kind: lifecycle.Stop})
	case config.ApplyLive, config.AtNextStart, config.RestartIt:
		before := svc.conf.Limits
		s.configure(svc, conf, environ)
		s.changeLimits(svc, before)
		if action == config.RestartIt && svc.state.Wanted { // a stopped service stays stopped
			s.step(svc, lifecycle.Event{Kind: lifecycle.Stop})
			s.step(svc, lifecycle.Event{Kind: lifecycle.Start})
		}
	}
}

// removeLeft removes services that are not configured any more and have stopped.
func (s *Supervisor) removeLeft() {
	for _, svc := range s.services.ordered {
		if svc.leaving && svc.inst == nil && svc.state.AtRest() {
			s.set(svc.alarm, sys.Never)
			s.services.remove(svc)
			s.report(ServiceRemoved{Service: svc.name()})
		}
	}
}

// sort puts the services into the order of the configuration, with those that leave at
// the end.
func (r *registry) sort(services []config.Service) {
	place := map[string]int{}
	for i, conf := range services {
		place[conf.Name] = i
	}
	at := func(svc *service) int {
		if i, known := place[svc.name()]; known {
			return i
		}
		return len(services)
	}
	r.ordered = slices.Clone(r.ordered)
	slices.SortStableFunc(r.ordered, func(a, b *service) int { return at(a) - at(b) })
	r.republish()
}

// changeLimits writes the limits of a service that has a cgroup. The write may take as
// long as the kernel needs to reclaim memory, so it is a job.
func (s *Supervisor) changeLimits(svc *service, before config.Limits) {
	tree := s.cgroups.tree
	if tree == nil || reflect.DeepEqual(before, svc.conf.Limits) {
		return
	}
	s.submit(limitsTask{tree: tree, service: svc.name(), before: cgroupLimits(before), after: cgroupLimits(svc.conf.Limits), then: func(unset []cgroupfs.Unset) {
		s.cgroups.reportLimits(svc, limitWarnings(unset, svc.conf.Limits))
	}})
}

// limitsTask writes the limits of one service.
type limitsTask struct {
	tree          limitsTree
	service       string
	before, after cgroupfs.Limits
	then          func([]cgroupfs.Unset)
}

// limitsTree is what limitsTask asks of cgroupfs.Tree.
type limitsTree interface {
	SetLimits(service string, before, after cgroupfs.Limits) []cgroupfs.Unset
}

func (t limitsTask) run(sys.JobKernel) func() {
	unset := t.tree.SetLimits(t.service, t.before, t.after)
	return func() { t.then(unset) }
}

// hangup obeys a HUP: the end of gosv's terminal ends gosv, any other one is the wish
// to read the configuration again.
func (s *Supervisor) hangup() {
	switch {
	case s.opt.Attached, s.terminal.hungUp():
		s.shutdown(syscall.SIGHUP)
	case s.opt.Reload != nil:
		s.opt.Reload()
	default:
		s.report(SignalIgnored{level: Warning, Signal: syscall.SIGHUP, Reason: "there is no configuration file to read again"})
	}
}
