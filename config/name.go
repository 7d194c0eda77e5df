package config

import (
	"slices"
	"strings"
)

// A service's name becomes the name of a directory among the kernel's own files
// in a cgroup, so it may not begin like one of them: cgroup.procs, memory.max
// (Documentation/admin-guide/cgroup-v2.rst).
var controllers = []string{"cgroup", "cpu", "cpuset", "memory", "io", "pids", "hugetlb", "rdma", "misc", "dmem", "irq", "perf_event", "debug"}

// checkName returns what is wrong with the name of a service, in words that follow
// the name: "must be ...". It is empty for a good name.
func checkName(name string) string {
	name = splitInstance(name)
	first, _, dotted := strings.Cut(name, ".")
	switch {
	case name == "" || len(name) > 64 || strings.ContainsFunc(name, outsideName) || strings.ContainsRune(".-", rune(name[0])):
		return "must be 1 to 64 of the characters A-Z a-z 0-9 _ . @ - and not begin with . or -"
	case dotted && slices.Contains(controllers, first):
		return "must not begin with " + quote(first+".") + ": the kernel's own files in a cgroup do"
	}
	return ""
}

func outsideName(r rune) bool {
	letter := 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	return !letter && !('0' <= r && r <= '9') && !strings.ContainsRune("_.@-", r)
}

func (l *loader) serviceName(v value, s *Service) {
	name, ok := l.str(v, "a string", scalarHint)
	if !ok {
		return
	}
	if wrong := checkName(name); wrong != "" {
		l.errorf(v.offset(), "service name %s %s", quote(name), wrong)
		return
	}
	s.Name = name
}
