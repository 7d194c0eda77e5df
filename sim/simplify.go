package sim

import (
	"reflect"
	"slices"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/testproc"
)

// simplification changes a scenario in the i-th of its ways. more tells that there
// is an i-th way, changed that it made a difference. When a change is kept, the
// same i is tried again.
type simplification func(s *Scenario, i int) (more, changed bool)

// simplifications, those that take away most first.
var simplifications = []simplification{
	withoutService, withoutAction, withoutFail, withoutSlow, withoutCrash, withoutFaults, withoutFault, withoutCall,
	withoutGroups, plainGroups, plainMachine, plainMode, plainSurroundings, plainService, plainProgram, shorter, earlier,
}

// clone copies all that a simplification may change.
func (s Scenario) clone() Scenario {
	s.Services, s.Actions = slices.Clone(s.Services), slices.Clone(s.Actions)
	s.Fails, s.Slow, s.Crashes = slices.Clone(s.Fails), slices.Clone(s.Slow), slices.Clone(s.Crashes)
	if g := s.Machine.Cgroups; g != nil {
		copied := *g
		s.Machine.Cgroups = &copied
	}
	if f := s.Machine.Faults; f != nil {
		copied := *f
		copied.Calls = slices.Clone(f.Calls)
		s.Machine.Faults = &copied
	}
	return s
}

func withoutService(s *Scenario, i int) (more, changed bool) {
	if i >= len(s.Services) || len(s.Services) == 1 {
		return false, false
	}
	name := s.Services[i].Name
	s.Services = slices.Delete(s.Services, i, i+1)
	s.Actions = slices.DeleteFunc(s.Actions, func(a Action) bool { return a.Service == name })
	return true, true
}

func withoutAction(s *Scenario, i int) (more, changed bool) { return remove(&s.Actions, i) }
func withoutFail(s *Scenario, i int) (more, changed bool)   { return remove(&s.Fails, i) }
func withoutSlow(s *Scenario, i int) (more, changed bool)   { return remove(&s.Slow, i) }
func withoutCrash(s *Scenario, i int) (more, changed bool)  { return remove(&s.Crashes, i) }

func withoutCall(s *Scenario, i int) (more, changed bool) {
	if s.Machine.Faults == nil {
		return false, false
	}
	return remove(&s.Machine.Faults.Calls, i)
}

func remove[T any](from *[]T, i int) (more, changed bool) {
	if i >= len(*from) {
		return false, false
	}
	*from = slices.Delete(*from, i, i+1)
	return true, true
}

func withoutFaults(s *Scenario, i int) (more, changed bool) {
	if i > 0 || s.Machine.Faults == nil {
		return false, false
	}
	s.Machine.Faults, s.HealAt = nil, 0
	return true, true
}

func withoutGroups(s *Scenario, i int) (more, changed bool) {
	if i > 0 || s.Machine.Cgroups == nil {
		return false, false
	}
	s.Machine.Cgroups = nil
	return true, true
}

func withoutFault(s *Scenario, i int) (more, changed bool) {
	return plain(s.Machine.Faults, &fakesys.Faults{}, i)
}

func plainGroups(s *Scenario, i int) (more, changed bool) {
	return plain(s.Machine.Cgroups, &fakesys.Cgroups{Delegated: "/"}, i)
}

func plainMachine(s *Scenario, i int) (more, changed bool) {
	as := fakesys.Options{Faults: s.Machine.Faults, Cgroups: s.Machine.Cgroups, Patience: s.Machine.Patience}
	return plain(&s.Machine, &as, i)
}

func plainMode(s *Scenario, i int) (more, changed bool) {
	changed = s.Cgroup != config.CgroupAuto
	s.Cgroup = config.CgroupAuto
	return i == 0, changed
}

func plainSurroundings(s *Scenario, i int) (more, changed bool) {
	switch i {
	case 0:
		changed, s.Environ = s.Environ != nil, nil
	case 1:
		changed, s.Dir = s.Dir != "", ""
	case 2:
		changed, s.EndAgain = s.EndAgain != 0, 0
	}
	return i < 3, changed
}

// plain sets the i-th field of a struct to what it is in a plain one.
func plain[T any](of, as *T, i int) (more, changed bool) {
	if of == nil || i >= reflect.TypeFor[T]().NumField() {
		return false, false
	}
	to, from := reflect.ValueOf(of).Elem().Field(i), reflect.ValueOf(as).Elem().Field(i)
	if to.Kind() == reflect.Func || reflect.DeepEqual(to.Interface(), from.Interface()) {
		return true, false
	}
	to.Set(from)
	return true, true
}

// plainService makes a service, or one key of it, what it is by default.
func plainService(s *Scenario, i int) (more, changed bool) {
	own, keys := reflect.TypeFor[Service]().NumField(), reflect.TypeFor[config.Service]().NumField()
	at, key := i/(own+keys), i%(own+keys)
	if at >= len(s.Services) {
		return false, false
	}
	svc := &s.Services[at]
	as := NewService(svc.Name, svc.Script)
	if key < own {
		return plain(svc, &as, key)
	}
	return plain(&svc.Service, &as.Service, key-own)
}

// plainProgram makes a program healthy, or takes an operation out of it.
func plainProgram(s *Scenario, i int) (more, changed bool) {
	for at := range s.Services {
		svc := &s.Services[at]
		shorter := shorterScripts(svc.Script)
		if i < len(shorter) {
			svc.Script = shorter[i]
			return true, true
		}
		i -= len(shorter)
	}
	return false, false
}

// shorterScripts are the scripts that say less.
func shorterScripts(script string) (all []string) {
	ops, err := testproc.Parse(script)
	if err != nil || script == Healthy {
		return nil
	}
	all = append(all, Healthy)
	for _, one := range shorterOps(ops) {
		all = append(all, testproc.Format(one))
	}
	return all
}

// shorterOps lack one operation, or have a shorter body in one.
func shorterOps(ops []testproc.Op) (all [][]testproc.Op) {
	for i, op := range ops {
		if len(ops) > 1 {
			all = append(all, slices.Delete(slices.Clone(ops), i, i+1))
		}
		for _, body := range shorterOps(op.Body) {
			next := slices.Clone(ops)
			next[i].Body = body
			all = append(all, next)
		}
	}
	return all
}

// shorter makes the run shorter.
func shorter(s *Scenario, i int) (more, changed bool) {
	end := [...]time.Duration{s.EndAt / 8, s.EndAt / 2, (s.EndAt - 1).Truncate(time.Minute), (s.EndAt - 1).Truncate(time.Second)}
	if i >= len(end) {
		return false, false
	}
	if end[i] < time.Second || end[i] >= s.EndAt {
		return true, false
	}
	s.EndAt = end[i]
	s.HealAt = min(s.HealAt, s.EndAt)
	return true, true
}

// earlier returns the actions instants that can be remembered.
func earlier(s *Scenario, i int) (more, changed bool) {
	units := [...]time.Duration{time.Minute, 10 * time.Second, time.Second, 100 * time.Millisecond, time.Millisecond}
	if i >= len(s.Actions)*len(units) {
		return false, false
	}
	a := &s.Actions[i/len(units)]
	at := a.At.Truncate(units[i%len(units)])
	changed = at != a.At
	a.At = at
	return true, changed
}
