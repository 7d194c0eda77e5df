package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// file reads the root of the tree and compares what spans several services.
func (l *loader) file(root node, f *File) {
	seen := readObject(l, value{root, "the configuration", ""}, "at the top level", l.keys.file, f)
	if f.Cgroup == CgroupOff && seen.sound("cgroup", "services") {
		cgroup, _ := seen.get("cgroup")
		for _, s := range f.Services {
			if s.Limits.Any() {
				l.warnf(cgroup.offset, `"cgroup" is "off": the limits of service %q have no effect`, s.Name)
			}
		}
	}
}

// services reads the list; names have to differ.
func (l *loader) services(v value, f *File) {
	if v.kind() != jsontext.KindBeginArray {
		l.mustBe(v, "an array of services", servicesHint)
		return
	}
	count := v.count()
	if count == 0 {
		l.errorf(v.offset(), "%s must not be empty: there would be nothing to run", v.title())
	}
	f.Services = make([]Service, 0, count)
	names := make(map[string]int, count) // their offsets
	for i, element := range v.elements() {
		var one Service
		at := l.service(element, i, &one)
		for _, s := range l.expand(one) {
			if first, twice := names[s.Name]; twice && s.Name != "" {
				l.errorf(at, "duplicate service name %q; the first one is in line %d", s.Name, l.line(first))
			} else {
				names[s.Name] = at
			}
			f.Services = append(f.Services, s)
		}
	}
}

// servicesHint shows how services in an object are written as an array.
func servicesHint(v value) string {
	for name, service := range v.members() {
		if service.kind() == jsontext.KindBeginObject {
			return fmt.Sprintf(`; write [{"name": %s, ...}, ...]`, quote(name.written()))
		}
	}
	return ""
}

// service reads one service, and returns the offset of its name.
func (l *loader) service(element node, i int, s *Service) (nameAt int) {
	*s = NewService("", "")
	place := "in services[" + strconv.Itoa(i) + "]"
	if name := nameOf(element); name != "" {
		place = "in service " + quote(name)
	}
	l.commandWords, l.instanceCount = nil, 0
	seen := readObject(l, value{element, "services[" + strconv.Itoa(i) + "]", ""}, place, l.keys.service, s)
	l.checkService(s, seen, place)
	name, _ := seen.get("name")
	return name.offset
}

// nameOf finds the name before the object is read, so that messages can use it.
func nameOf(element node) string {
	if element.kind() != jsontext.KindBeginObject {
		return ""
	}
	for key, v := range element.members() {
		if key.written() == "name" && v.kind() == jsontext.KindString {
			return v.written()
		}
	}
	return ""
}

// checkService compares keys that are right one by one.
func (l *loader) checkService(s *Service, seen members, place string) {
	if limits := s.Limits; limits.MemoryMax > 0 && limits.MemoryHigh > limits.MemoryMax {
		at, _ := seen.get("memory_high_mb")
		l.errorf(at.offset, `"memory_high_mb" (%d) %s must not be above "memory_mb" (%d)`,
			limits.MemoryHigh/mebibyte, place, limits.MemoryMax/mebibyte)
	}
	if m, has := seen.get("max_restarts"); has && m.ok && s.Restart == RestartNever {
		l.warnf(m.offset, `"max_restarts" %s has no effect: "restart" is "never"`, place)
	}
	l.checkInstances(s, seen, place)
	args, hasArgs := seen.get("args")
	switch {
	case l.commandWords != nil && hasArgs:
		l.errorf(args.offset, `"args" %s has no place beside a "command" that is an array: put the arguments into one of the two`, place)
	case l.commandWords != nil:
		s.Command = l.commandWords[0]
		s.Args = append(s.Args, l.commandWords[1:]...)
		return
	}
	if command, _ := seen.get("command"); strings.ContainsAny(s.Command, " \t\n") && !hasArgs {
		l.warnf(command.offset, `"command" %s is the name of one program, blanks included; arguments belong in "args"`, place)
	}
}

// command reads the program, or an array of the program and its arguments.
func (l *loader) command(v value, s *Service) {
	if v.kind() != jsontext.KindBeginArray {
		if program, ok := l.kernelString(v, 1, pathMax); ok {
			s.Command = program
			l.warnOfShell(v, program)
		}
		return
	}
	if v.count() == 0 {
		l.errorf(v.offset(), "%s must not be empty: its first word is the program", v.title())
	}
	for i, element := range v.elements() {
		least, most := 0, argStringMax
		if i == 0 {
			least, most = 1, pathMax
		}
		at := value{element, "command[" + strconv.Itoa(i) + "]", v.place}
		word, ok := l.kernelString(at, least, most)
		if ok && i == 0 {
			l.warnOfShell(at, word)
		}
		l.commandWords = append(l.commandWords, word)
	}
}

// dir reads the working directory.
func (l *loader) dir(v value, s *Service) {
	if dir, ok := l.kernelString(v, 1, pathMax); ok {
		s.Dir = dir
		l.warnOfShell(v, dir)
	}
}

// warnOfShell warns of a path that only a shell would expand.
func (l *loader) warnOfShell(v value, path string) {
	switch first, _, _ := strings.Cut(path, "/"); {
	case strings.HasPrefix(path, "~"):
		l.warnf(v.offset(), "%s begins with %s, which nothing expands, as no shell reads it: write the path of the home directory", v.title(), quote(first))
	case shellVariable.MatchString(path):
		l.warnf(v.offset(), "%s contains %s, which nothing expands, as no shell reads it: write what it stands for", v.title(), quote(shellVariable.FindString(path)))
	}
}

var shellVariable = regexp.MustCompile(`\$(\w+|\{\w+\})`)

// args reads the arguments; an empty one is an argument too.
func (l *loader) args(v value, s *Service) {
	if v.kind() != jsontext.KindBeginArray {
		l.mustBe(v, "an array of strings", argsHint)
		return
	}
	for i, element := range v.elements() {
		arg, _ := l.kernelString(value{element, "args[" + strconv.Itoa(i) + "]", v.place}, 0, argStringMax)
		s.Args = append(s.Args, arg)
	}
}

// argsHint splits a command line into an array, where it is plain words.
func argsHint(v value) string {
	if v.kind() != jsontext.KindString {
		return ""
	}
	words, err := Words(v.written(), func(string) (string, bool) { return "", false })
	if err != nil {
		return "; write an array, one string for each argument"
	}
	text, err := json.Marshal(words)
	if err != nil || len(text) > 200 {
		return "; write an array, one string for each argument"
	}
	return "; write " + strings.ReplaceAll(string(text), `","`, `", "`)
}

// reserved is set by gosv for every spawn, to recognise its orphans.
const reserved = "GOSV_INVOCATION"

// env reads variables and what they are set to.
func (l *loader) env(v value, s *Service) {
	if v.kind() != jsontext.KindBeginObject {
		l.mustBe(v, `an object such as {"PORT": "8080"}`, nil)
		return
	}
	if v.count() == 0 {
		return
	}
	s.Env = map[string]string{}
	for key, content := range v.members() {
		name, ok := l.kernelString(value{key, `a variable of "env"`, v.place}, 1, argStringMax)
		if !ok {
			continue
		}
		_, twice := s.Env[name]
		switch {
		case twice:
			l.errorf(key.offset(), "duplicate variable %s of %s", quote(name), v.title())
		case strings.Contains(name, "="):
			l.errorf(key.offset(), `variable %s of %s must not have a "=" in its name`, quote(name), v.title())
		case name == reserved:
			l.errorf(key.offset(), "variable %q of %s is gosv's own; leave it out", name, v.title())
		}
		// The kernel sees NAME=value as one string.
		s.Env[name], _ = l.kernelString(value{content, fmt.Sprintf(`variable %s of "env"`, quote(name)), v.place}, 0, argStringMax-len(name)-1)
	}
}

// backoff reads a schedule; the keys that it leaves out keep their defaults.
func (l *loader) backoff(v value, s *Service) {
	place := `in "backoff" of ` + strings.TrimPrefix(v.place, "in ")
	b := &s.Backoff
	seen := readObject(l, v, place, l.keys.backoff, b)
	if seen.sound("initial", "max") && b.Initial > b.Max {
		at, ok := seen.get("initial")
		if !ok {
			at, _ = seen.get("max")
		}
		l.errorf(at.offset, `"initial" (%s%s) %s must not be above "max" (%s%s)`,
			short(b.Initial), isDefault(seen, "initial"), place, short(b.Max), isDefault(seen, "max"))
	}
	for _, name := range []string{"factor", "jitter"} {
		if m, has := seen.get(name); has && m.ok && seen.sound("initial") && b.Initial == 0 {
			l.warnf(m.offset, `%q %s has no effect: "initial" is zero, and so is every delay`, name, place)
		}
	}
}

func isDefault(seen members, name string) string {
	if _, has := seen.get(name); has {
		return ""
	}
	return ", the default"
}
