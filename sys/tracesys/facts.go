package tracesys

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// invocationPrefix begins the environment variable that ties a process to the
// start it comes from.
const invocationPrefix = "GOSV_INVOCATION="

// facts reduces the text of a file to what a supervisor acts on. Of a file that
// is only shown to people, or holds figures that cannot be foretold, it is the
// number of bytes.
func (n *names) facts(path string, text []byte) []string {
	name := lastElement(path)
	switch {
	case isProc(path):
		return n.procFacts(path, name, text)
	case name == "cgroup.procs":
		return n.members(text)
	case name == "cgroup.events":
		return words(string(text)) // "populated 1 frozen 0"
	case name == "cgroup.controllers", name == "cgroup.subtree_control", name == "cgroup.freeze", name == "cgroup.type":
		return words(string(text))
	}
	return size(text)
}

func size(text []byte) []string { return []string{strconv.Itoa(len(text)), "bytes"} }

// members are the processes of a cgroup, by number.
func (n *names) members(text []byte) []string {
	var pids []int
	for _, word := range words(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	list := make([]string, len(pids))
	for i, pid := range pids {
		list[i] = n.Pid(pid)
	}
	return list
}

func (n *names) procFacts(path, name string, text []byte) []string {
	switch name {
	case "stat":
		if strings.Count(path, "/") == 3 {
			return n.stat(text)
		}
	case "environ":
		return n.environ(text)
	case "cgroup":
		for line := range strings.Lines(string(text)) {
			if group, ok := strings.CutPrefix(line, "0::"); ok {
				return []string{strings.TrimSuffix(group, "\n")}
			}
		}
		return []string{"none"}
	case "mountinfo":
		return cgroup2Mounts(text)
	}
	return size(text)
}

// stat gives of proc_pid_stat(5): state, ppid, pgrp, session, starttime, and
// whether there is still memory.
func (n *names) stat(text []byte) []string {
	i := bytes.LastIndexByte(text, ')')
	if i < 0 {
		return size(text)
	}
	f := words(string(text[i+1:])) // f[0] is field 3
	if len(f) < 21 {
		return size(text)
	}
	memory := "memory"
	if f[20] == "0" {
		memory = "none"
	}
	return []string{f[0], "ppid", n.number(f[1]), "pgrp", n.number(f[2]), "session", n.number(f[3]), "start", f[19], "vm", memory}
}

// environ gives the name of the invocation, "none", or "empty" where there is no
// environment at all.
func (n *names) environ(text []byte) []string {
	if len(text) == 0 {
		return []string{"empty"}
	}
	for _, entry := range strings.Split(string(text), "\x00") {
		if value, ok := strings.CutPrefix(entry, invocationPrefix); ok {
			return []string{n.Invocation(value)}
		}
	}
	return []string{"none"}
}

// cgroup2Mounts gives, for each mount of cgroup2, its point, root and mode.
func cgroup2Mounts(text []byte) (mounts []string) {
	for line := range strings.Lines(string(text)) {
		left, right, _ := strings.Cut(line, " - ")
		f := words(left)
		if len(f) < 6 || !strings.HasPrefix(right, "cgroup2 ") {
			continue
		}
		mode, _, _ := strings.Cut(f[5], ",")
		mounts = append(mounts, "cgroup2", f[4], f[3], mode)
	}
	return mounts
}

// List reduces the names in a directory: of /proc what has come and gone since the
// last time, of a cgroup its directories, of task its threads.
func (n *names) List(path string, entries []string) []string {
	path = strings.TrimSuffix(path, "/")
	switch {
	case path == "/proc":
		return n.difference(entries)
	case isProc(path) && lastElement(path) == "task":
		list := make([]string, len(entries))
		for i, entry := range entries {
			list[i] = n.number(entry)
		}
		return list
	case isProc(path):
		return []string{strconv.Itoa(len(entries)), "names"}
	}
	return slices.DeleteFunc(slices.Clone(entries), func(entry string) bool { return strings.Contains(entry, ".") && controlFile(entry) })
}

// controlFile reports whether a name of the cgroup file system is a file and no directory.
func controlFile(entry string) bool {
	subsystem, _, _ := strings.Cut(entry, ".")
	return slices.Contains([]string{"cgroup", "cpu", "cpuset", "dmem", "hugetlb", "io", "memory", "misc", "perf_event", "pids", "rdma", "irq"}, subsystem)
}

// difference gives a list of processes as "+P5 -P3" against the last one.
func (n *names) difference(entries []string) (list []string) {
	now := map[string]bool{}
	for _, entry := range entries {
		if !isNumber(entry) {
			continue
		}
		name := n.number(entry)
		if now[name] = true; !n.listed[name] {
			list = append(list, "+"+name)
		}
	}
	var gone []string
	for name := range n.listed {
		if !now[name] {
			gone = append(gone, "-"+name)
		}
	}
	slices.Sort(gone)
	n.listed = now
	return append(list, gone...)
}
