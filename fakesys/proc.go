package fakesys

import (
	"strconv"
	"strings"
	"syscall"
)

// procFile is one file of /proc/PID: its text, and how reading it from a zombie ends.
type procFile struct {
	read   func(w *World, p *process) string
	zombie syscall.Errno // of reading it from a zombie; 0: a zombie has the text too
	empty  bool          // it is empty for a zombie
}

// procFiles renders the texts of /proc/PID. It shares no code with package procfs, so that
// a bug of the parser cannot cancel out.
var procFiles = map[string]procFile{
	"stat":          {read: procStat},
	"status":        {read: procStatus},
	"comm":          {read: func(_ *World, p *process) string { return p.comm() + "\n" }},
	"cgroup":        {read: procCgroup},
	"cmdline":       {read: procCmdline, empty: true},
	"environ":       {read: procEnviron, zombie: syscall.ESRCH},
	"maps":          {read: procMaps, empty: true},
	"smaps_rollup":  {read: procRollup, zombie: syscall.ESRCH},
	"mountinfo":     {read: procMountinfo, zombie: syscall.EINVAL},
	"limits":        {read: procLimits},
	"oom_score_adj": {read: func(_ *World, p *process) string { return strconv.Itoa(p.attrs().oomScoreAdj) + "\n" }},
}

// private reports whether a file of /proc/PID is not readable for a process of another
// user (ptrace_may_access).
func private(file string) bool {
	return file == "environ" || file == "smaps_rollup" || file == "maps"
}

// procRead returns the text of a path below /proc.
func (k *Kernel) procRead(name string) (string, syscall.Errno) {
	first, rest, inside := strings.Cut(name, "/")
	if !inside {
		return k.procTop(first)
	}
	p := k.procOf(first)
	if p == nil {
		return "", syscall.ENOENT
	}
	if rest == "fd" || rest == "task" {
		return "", syscall.EISDIR
	}
	if fd, ok := strings.CutPrefix(rest, "fdinfo/"); ok {
		return p.fdinfo(fd)
	}
	bare := p.bare()
	if tid, file, ok := strings.Cut(strings.TrimPrefix(rest, "task/"), "/"); ok && file == "environ" {
		rest, bare = file, bare && (!p.leaderExited || tid == first)
	}
	f, ok := procFiles[rest]
	switch {
	case bare && rest == "environ":
		return "", f.zombie
	case p.foreign && private(rest):
		return "", syscall.EACCES
	case !ok && procFiles[strings.Split(rest, "/")[0]].read != nil:
		return "", syscall.ENOTDIR
	case !ok:
		panic("fakesys: /proc/PID/" + rest + " is not modelled")
	case bare && f.zombie != 0:
		return "", f.zombie
	case bare && f.empty:
		k.Fire(ProcZombie)
		return "", 0
	}
	if p.dead {
		k.Fire(ProcZombie)
	}
	if strings.ContainsAny(p.comm(), ") ") {
		k.Fire(OddName)
	}
	return k.faults.torn(k.World, rest, f.read(k.World, p)), 0
}

// procTop returns the text of a file directly in /proc.
func (k *Kernel) procTop(name string) (string, syscall.Errno) {
	switch name {
	case "mounts", "self", "":
		return "", syscall.EISDIR
	case "uptime":
		s := strconv.FormatFloat((k.now+k.asleep).Seconds()+bootSeconds, 'f', 2, 64)
		return s + " " + s + "\n", 0
	case "stat":
		return "cpu  0 0 0 0 0 0 0 0 0 0\nbtime " + strconv.FormatInt(k.opt.Wall.Unix()-bootSeconds, 10) + "\n", 0
	case "cgroups":
		return k.procControllers(), 0
	case "meminfo":
		return "MemTotal:        8000000 kB\nMemFree:         4000000 kB\nMemAvailable:    6000000 kB\n", 0
	}
	if _, err := strconv.Atoi(name); err == nil {
		if k.procOf(name) == nil {
			return "", syscall.ENOENT
		}
		return "", syscall.EISDIR
	}
	panic("fakesys: /proc/" + name + " is not modelled")
}

// procControllers renders /proc/cgroups (cgroups(7)). A controller that the unified
// hierarchy does not have counts as compiled out.
func (k *Kernel) procControllers() string {
	text := "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
	if k.cgroups == nil {
		return text
	}
	for _, name := range k.cgroups.opt.Controllers {
		text += name + "\t0\t1\t1\n"
	}
	return text
}

// procOf returns the process of a directory of /proc, or nil.
func (k *Kernel) procOf(name string) *process {
	if name == "self" {
		return k.self
	}
	pid, err := strconv.Atoi(name)
	if err != nil || strconv.Itoa(pid) != name {
		return nil
	}
	return k.find(pid)
}

// procList lists /proc, /proc/PID, /proc/PID/fd or /proc/PID/task.
func (k *Kernel) procList(name string) ([]string, syscall.Errno) {
	if name == "" {
		names := []string{"meminfo", "mounts", "self", "stat", "uptime"}
		for _, p := range k.table.byPid {
			if p != nil {
				names = append(names, strconv.Itoa(p.pid))
			}
		}
		return k.faults.inexact(k.World, names), 0
	}
	first, rest, _ := strings.Cut(name, "/")
	p := k.procOf(first)
	if p == nil {
		return nil, syscall.ENOENT
	}
	switch rest {
	case "":
		names := []string{"cwd", "exe", "fd", "root", "task"}
		for name := range procFiles {
			names = append(names, name) // sorted by the caller
		}
		return names, 0
	case "task":
		threads := []string{strconv.Itoa(p.pid)}
		if p.leaderExited && !p.dead {
			threads = append(threads, strconv.Itoa(p.pid+len(k.table.byPid))) // a thread that is still running
		}
		return threads, 0
	case "fd", "fdinfo":
		return k.descriptorNames(p), 0
	}
	if procFiles[strings.Split(rest, "/")[0]].read != nil {
		return nil, syscall.ENOTDIR
	}
	panic("fakesys: the directory /proc/PID/" + rest + " is not modelled")
}

// procLink reads the links in /proc.
func (k *Kernel) procLink(name string) (string, syscall.Errno) {
	if name == "self" {
		return strconv.Itoa(k.self.pid), 0
	}
	first, rest, _ := strings.Cut(name, "/")
	p := k.procOf(first)
	switch {
	case p == nil:
		return "", syscall.ENOENT
	case rest == "" || rest == "fd" || rest == "task" || procFiles[rest].read != nil:
		return "", syscall.EINVAL // not a link
	case p.bare():
		return "", syscall.ENOENT // the first thread has exited or is exiting, and has no memory and no directories
	case p.foreign:
		return "", syscall.EACCES
	case rest == "exe":
		return p.path, 0
	case rest == "cwd":
		return p.dir, 0
	case rest == "root":
		return "/", 0
	}
	if fd, ok := strings.CutPrefix(rest, "fd/"); ok {
		return k.descriptorLink(p, fd)
	}
	panic("fakesys: the link /proc/PID/" + rest + " is not modelled")
}
