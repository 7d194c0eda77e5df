package config

import (
	"fmt"
	"strings"

	"github.com/tailscale/hujson"
)

// file reads the root of the tree and compares what spans several services.
func (l *loader) file(root hujson.Value, f *File) {
	seen := readObject(l, value{root, "the configuration", ""}, "at the top level", fileKeys(), f)
	if f.Cgroup == CgroupOff && seen.sound("cgroup", "services") {
		for _, s := range f.Services {
			if s.Limits.Any() {
				l.warnf(seen["cgroup"].offset, `"cgroup" is "off": the limits of service %q have no effect`, s.Name)
			}
		}
	}
}

// services reads the list; names have to differ.
func (l *loader) services(v value, f *File) bool {
	list, ok := v.Value.Value.(*hujson.Array)
	if !ok {
		return l.mustBe(v, "an array of services", "")
	}
	if len(list.Elements) == 0 {
		l.errorf(v.StartOffset, "%s must not be empty: there would be nothing to run", v.title())
		return false
	}
	before := l.errors
	lines := map[string]int{}
	for i, element := range list.Elements {
		s, at := l.service(element, i)
		if first, twice := lines[s.Name]; twice && s.Name != "" {
			l.errorf(at, "duplicate service name %q; the first one is in line %d", s.Name, first)
		} else {
			lines[s.Name] = l.line(at)
		}
		f.Services = append(f.Services, s)
	}
	return l.errors == before
}

// service reads one service, and gives the offset of its name.
func (l *loader) service(element hujson.Value, i int) (s Service, nameAt int) {
	s = NewService("", "")
	place := fmt.Sprintf("in services[%d]", i)
	if name := nameOf(element); name != "" {
		place = "in service " + quote(name)
	}
	seen := readObject(l, value{element, fmt.Sprintf("services[%d]", i), ""}, place, serviceKeys(), &s)
	l.checkService(s, seen, place)
	return s, seen["name"].offset
}

// nameOf looks for the name before the object is read, so that messages can
// call the service by it.
func nameOf(element hujson.Value) string {
	object, _ := element.Value.(*hujson.Object)
	if object == nil {
		return ""
	}
	for _, m := range object.Members {
		key, _ := m.Name.Value.(hujson.Literal)
		name, _ := m.Value.Value.(hujson.Literal)
		if key.String() == "name" && name.Kind() == '"' {
			return name.String()
		}
	}
	return ""
}

// checkService compares keys that are right one by one.
func (l *loader) checkService(s Service, seen members, place string) {
	if limits := s.Limits; seen.sound("memory_mb", "memory_high_mb") && limits.MemoryMax > 0 && limits.MemoryHigh > limits.MemoryMax {
		l.errorf(seen["memory_high_mb"].offset, `"memory_high_mb" (%d) %s must not be above "memory_mb" (%d)`,
			limits.MemoryHigh/mebibyte, place, limits.MemoryMax/mebibyte)
	}
	if m, has := seen["max_restarts"]; has && m.ok && s.Restart == RestartNever {
		l.warnf(m.offset, `"max_restarts" %s has no effect: "restart" is "never"`, place)
	}
	_, hasArgs := seen["args"]
	if strings.ContainsAny(s.Command, " \t\n") && !hasArgs {
		l.warnf(seen["command"].offset, `"command" %s is the name of one program, blanks included; arguments belong in "args"`, place)
	}
}

// args reads the arguments; an empty one is an argument too.
func (l *loader) args(v value, s *Service) bool {
	list, ok := v.Value.Value.(*hujson.Array)
	if !ok {
		return l.mustBe(v, "an array of strings", "")
	}
	good := true
	for i, element := range list.Elements {
		arg, ok := l.kernelString(value{element, fmt.Sprintf("args[%d]", i), v.place}, 0, argStringMax)
		s.Args = append(s.Args, arg)
		good = good && ok
	}
	return good
}

// reserved is set by gosv anew for every run, to recognise its orphans.
const reserved = "GOSV_INVOCATION"

// env reads variables and what they are set to.
func (l *loader) env(v value, s *Service) bool {
	object, ok := v.Value.Value.(*hujson.Object)
	if !ok {
		return l.mustBe(v, `an object such as {"PORT": "8080"}`, "")
	}
	if len(object.Members) == 0 {
		return true
	}
	good := true
	s.Env = make(map[string]string, len(object.Members))
	for _, m := range object.Members {
		name, ok := l.kernelString(value{m.Name, `a variable of "env"`, v.place}, 1, argStringMax)
		if !ok {
			good = false
			continue
		}
		_, twice := s.Env[name]
		switch {
		case twice:
			l.errorf(m.Name.StartOffset, "duplicate variable %s of %s", quote(name), v.title())
		case strings.Contains(name, "="):
			l.errorf(m.Name.StartOffset, `variable %s of %s must not have a "=" in its name`, quote(name), v.title())
		case name == reserved:
			l.errorf(m.Name.StartOffset, "variable %q of %s is gosv's own; leave it out", name, v.title())
		}
		good = good && !twice && !strings.Contains(name, "=") && name != reserved
		// The kernel sees NAME=value as one string.
		s.Env[name], ok = l.kernelString(value{m.Value, fmt.Sprintf(`variable %s of "env"`, quote(name)), v.place}, 0, argStringMax-len(name)-1)
		good = good && ok
	}
	return good
}

// backoff reads a schedule; the keys that it leaves out keep their defaults.
func (l *loader) backoff(v value, s *Service) bool {
	place := `in "backoff" of ` + strings.TrimPrefix(v.place, "in ")
	before := l.errors
	b := &s.Backoff
	seen := readObject(l, v, place, backoffKeys(), b)
	if seen.sound("initial", "max") && b.Initial > b.Max {
		at, ok := seen["initial"]
		if !ok {
			at = seen["max"]
		}
		l.errorf(at.offset, `"initial" (%s%s) %s must not be above "max" (%s%s)`,
			short(b.Initial), isDefault(seen, "initial"), place, short(b.Max), isDefault(seen, "max"))
	}
	for _, name := range []string{"factor", "jitter"} {
		if m, has := seen[name]; has && m.ok && seen.sound("initial") && b.Initial == 0 {
			l.warnf(m.offset, `%q %s has no effect: "initial" is zero, and so is every delay`, name, place)
		}
	}
	return l.errors == before
}

func isDefault(seen members, name string) string {
	if _, has := seen[name]; has {
		return ""
	}
	return ", the default"
}
