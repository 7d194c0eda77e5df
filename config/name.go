package config

import (
	"regexp"
	"strings"
)

// A service's name becomes the name of a folder among the kernel's own files
// in a cgroup, so it may not begin like one of them: cgroup.procs, memory.max
// (Documentation/admin-guide/cgroup-v2.rst).
var (
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9_@][A-Za-z0-9_.@-]{0,63}$`)
	controllers = []string{"cgroup", "cpu", "cpuset", "memory", "io", "pids", "hugetlb", "rdma", "misc", "dmem", "irq", "perf_event", "debug"}
	kernelFile  = regexp.MustCompile(`^(` + strings.Join(controllers, "|") + `)\.`)
)

// checkName tells what is wrong with the name of a service, in words that
// follow the name: "must be ...". It is empty for a good name.
func checkName(name string) string {
	switch {
	case !nameForm.MatchString(name):
		return "must be 1 to 64 of the characters A-Z a-z 0-9 _ . @ - and not begin with . or -"
	case kernelFile.MatchString(name):
		return "must not begin with " + quote(kernelFile.FindString(name)) + ": the kernel's own files in a cgroup do"
	}
	return ""
}

func (l *loader) serviceName(v value, name *string) bool {
	s, ok := l.str(v, "a string", scalarHint(v))
	if !ok {
		return false
	}
	if wrong := checkName(s); wrong != "" {
		l.errorf(v.StartOffset, "service name %s %s", quote(s), wrong)
		return false
	}
	*name = s
	return true
}
