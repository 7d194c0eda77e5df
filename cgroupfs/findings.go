package cgroupfs

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// Controller is a cgroup controller by its name in cgroup.controllers.
type Controller string

const (
	Memory  Controller = "memory"
	CPU     Controller = "cpu"
	Pids    Controller = "pids"
	CPUSet  Controller = "cpuset"
	IO      Controller = "io"
	HugeTLB Controller = "hugetlb"
)

// DefaultControllers are those that Probe enables if Options names none.
var DefaultControllers = []Controller{Memory, CPU, Pids}

// Finding is something that cgroups cannot do here.
type Finding struct {
	Controller Controller // "": no cgroup at all
	Text       string     // one sentence: what is missing, why, and what to do
	Err        error      // the kernel's answer, nil if it was not asked
	LeftBehind bool       // a directory that Probe made could not be removed
}

func (f Finding) String() string { return f.Text }

// Findings are all of one Probe.
type Findings []Finding

// Transient reports whether there is no cgroup only because the machine lacked
// something (descriptors, memory), so that another Probe may succeed.
func (f Findings) Transient() bool {
	return len(f) > 0 && f[0].Controller == "" && isShortage(f[0].Err)
}

// Why returns why a controller is missing; "" if it is not.
func (f Findings) Why(c Controller) string {
	for _, finding := range f {
		if finding.Controller == c || finding.Controller == "" {
			return finding.Text
		}
	}
	return ""
}

// Options are what Probe cannot find out from cgroups and /proc.
type Options struct {
	Controllers []Controller // to enable; nil stands for DefaultControllers
	Systemd     bool         // systemd runs this machine: /run/systemd/system exists
	UID         int          // gosv's effective user
	Command     []string     // how gosv was started, for the hints
	ProcErr     error        // why /proc does not show gosv's processes; nil: it does
}

func (o Options) controllers() []Controller {
	if o.Controllers == nil {
		return DefaultControllers
	}
	return o.Controllers
}

// hint says how to get a delegated cgroup.
func (o Options) hint() string {
	switch {
	case !o.Systemd && o.UID == 0:
		return "start gosv in a cgroup that it may change; a container needs a cgroup namespace and a writable cgroup file system"
	case !o.Systemd:
		return "start gosv as root, or in a cgroup whose directory, cgroup.procs and cgroup.subtree_control belong to its user"
	}
	words := []string{"systemd-run"}
	if o.UID != 0 {
		words = append(words, "--user")
	}
	words = append(words, "--scope", "-p", "Delegate=yes")
	if len(o.Command) == 0 {
		words = append(words, "gosv")
	}
	for _, word := range o.Command {
		words = append(words, quote(word))
	}
	return "start it with: " + strings.Join(words, " ")
}

// enableAbove says how to get a controller that the groups above do not hand down.
func (o Options) enableAbove(c Controller, mount string) string {
	if o.Systemd {
		return o.hint()
	}
	who := ""
	if o.UID != 0 {
		who = "as root, "
	}
	return fmt.Sprintf("%swrite +%s to cgroup.subtree_control of each group above it, from %s down", who, c, mount)
}

// quote makes a word safe to paste into a shell.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,+@%", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// refused makes the finding of a step on the way to a group of gosv's own that
// the kernel refused.
func (o Options) refused(doing, dir string, err error) Finding {
	text := fmt.Sprintf("gosv cannot %s %s: %v", doing, dir, errno(err))
	switch {
	case errors.Is(err, syscall.EROFS) && !o.Systemd:
		text += "; the cgroup file system is mounted read-only, as containers have it: give the container a writable one"
	case isDenied(err):
		text += "; this group is not delegated to gosv: " + o.hint()
	case errors.Is(err, syscall.EEXIST):
		text += "; every name that it tries is taken: remove empty gosv-* directories there"
	case errors.Is(err, syscall.EAGAIN):
		text += "; a group above allows no further directory: raise its cgroup.max.depth or cgroup.max.descendants"
	case errors.Is(err, syscall.EOPNOTSUPP):
		text += "; the group is a threaded one: start gosv in another"
	case IsBusy(err):
		text += "; the group has controllers enabled and may not hold processes"
	case IsGone(err):
		text += "; the group was removed: start gosv in another"
	}
	return Finding{Text: text, Err: err}
}
