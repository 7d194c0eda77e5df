package cgroupfs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/gosv/gosv/procfs"
)

// enabler enables controllers in gosv's own group and in the instance.
type enabler struct {
	*Tree
	options Options
	mounts  []procfs.Mount
	root    string // where the cgroup file system is mounted
}

func (e *enabler) enableAll() {
	before, _ := e.files.ReadFile(e.own + "/cgroup.subtree_control")
	already := strings.Fields(string(before))
	for _, c := range e.options.controllers() {
		foreign := slices.Contains(already, string(c))
		if problem := e.enable(c, foreign); problem != nil {
			e.findings = append(e.findings, *problem)
		}
	}
}

// enable enables one controller. foreign means that it was already enabled in gosv's
// own group, so that Close leaves it there.
func (e *enabler) enable(c Controller, foreign bool) *Finding {
	if !foreign {
		if err := e.write(e.own, "cgroup.subtree_control", "+"+string(c)); err != nil {
			return e.explain(c, e.own, err)
		}
		e.enabledOwn = append(e.enabledOwn, c)
	}
	if err := e.write(e.instance, "cgroup.subtree_control", "+"+string(c)); err != nil {
		return e.explain(c, e.instance, err)
	}
	e.enabled = append(e.enabled, c)
	return nil
}

// explain finds out why a controller cannot be enabled for the directories in group.
func (e *enabler) explain(c Controller, group string, err error) *Finding {
	text := fmt.Sprintf("the %s controller cannot be enabled in %s (%v)", c, group, errno(err))
	switch {
	case errors.Is(err, syscall.ENOENT):
		text = e.absent(c)
	case IsBusy(err):
		text += ": other processes are in this group"
		if names := memberNames(e.files, group, e.pid); names != "" {
			text += ", " + names
		}
		text += "; gosv needs a group of its own: " + e.options.hint()
	case isDenied(err):
		text += ": it is not delegated to gosv: " + e.options.hint()
	case errors.Is(err, syscall.EINVAL) && e.switchedOff(c):
		text = e.absent(c)
	case errors.Is(err, syscall.EINVAL) && c == CPU:
		text += ": the kernel refuses it while real-time processes run outside the root group"
	case errors.Is(err, syscall.EOPNOTSUPP):
		text += ": the group is threaded"
	}
	return &Finding{Controller: c, Text: text, Err: err}
}

// switchedOff reports whether the kernel has the controller neither for v1 nor for
// v2. Enabling it then answers EINVAL, as for a word that is no controller.
func (e *enabler) switchedOff(c Controller) bool {
	list, err := procfs.ReadControllers(e.files)
	i := slices.IndexFunc(list, func(k procfs.Controller) bool { return k.Name == string(c) })
	return err == nil && (i < 0 || !list[i].Enabled)
}

// absent says why a controller is not in cgroup.controllers of gosv's own group.
func (e *enabler) absent(c Controller) string {
	missing := fmt.Sprintf("the %s controller is not available: ", c)
	const boot = "; boot with cgroup_no_v1=all or systemd.unified_cgroup_hierarchy=1"
	for _, m := range e.mounts {
		if m.Type == "cgroup" && slices.Contains(m.SuperOptions, string(c)) {
			return missing + "it is bound to cgroup v1, mounted at " + m.Point + boot
		}
	}
	list, err := procfs.ReadControllers(e.files)
	i := slices.IndexFunc(list, func(k procfs.Controller) bool { return k.Name == string(c) })
	switch {
	case err == nil && i < 0:
		return missing + "this kernel was built without it"
	case err == nil && !list[i].Enabled:
		return missing + "it was disabled at boot; boot without cgroup_disable=" + string(c) + ", or with cgroup_enable=" + string(c)
	case err == nil && list[i].Hierarchy != 0:
		return missing + "it is bound to cgroup v1" + boot
	}
	return missing + "the groups above do not hand it down to " + e.own + "; " + e.options.enableAbove(c, e.root)
}
