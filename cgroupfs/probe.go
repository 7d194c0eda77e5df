package cgroupfs

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"syscall"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// maxInstances bounds the search for a free name.
const maxInstances = 100

// Probe finds the group of the process pid, which is gosv, makes an instance
// directory in it and locks it, moves the process into the directory supervisor below
// that, and tries to enable each controller by itself. The instance is called
// gosv, or gosv-<pid> where there is a gosv already: bury the dead before. It tells by trying: what cannot be
// had is a Finding. The tree is nil if there can be no groups at all, and then
// everything is as it was before; otherwise Close undoes what Probe did.
func Probe(f sys.Files, pid int, o Options) (*Tree, Findings) {
	own, mounts, problem := locate(f, pid, o)
	if problem != nil {
		return nil, Findings{*problem}
	}
	t := &Tree{files: f, pid: pid, own: own}
	if problem := t.enter(o); problem != nil {
		return nil, Findings{*problem}
	}
	e := enabler{Tree: t, options: o, mounts: mounts}
	e.enableAll()
	return t, t.findings
}

// settle makes the instance and moves gosv into its supervisor directory, so that
// the groups above it hold no process and may have controllers (the
// no-internal-process rule).
func (t *Tree) enter(o Options) *Finding {
	if err := t.makeInstance(); err != nil {
		finding := o.refused("make a directory in its own cgroup", t.own, err)
		if t.instance != "" {
			finding = o.refused("lock", t.instance, err)
		}
		return &finding
	}
	supervisor := t.supervisor()
	err := t.files.Mkdir(supervisor)
	doing := "make the cgroup"
	if err == nil {
		doing = "move itself into"
		err = t.write(supervisor, "cgroup.procs", strconv.Itoa(t.pid))
	}
	if err == nil {
		return nil
	}
	finding := o.refused(doing, supervisor, err)
	if err := errors.Join(t.rmdir(supervisor), t.rmdir(t.instance)); err != nil {
		finding.Text += "; " + err.Error()
		finding.LeftBehind = true
	}
	t.Unlock()
	return &finding
}

// makeInstance takes the first free name and locks it. A directory that exists
// belongs to another gosv, and so does a lock that is held on the directory just
// made: a gosv that looks for the dead took it, and will remove it. instance is
// empty if no directory could be made.
func (t *Tree) makeInstance() error {
	for n := range maxInstances {
		dir := t.own + "/" + instanceName(t.pid, n)
		err := t.files.Mkdir(dir)
		if errors.Is(err, syscall.EEXIST) {
			continue
		}
		if err != nil {
			return err
		}
		err = t.files.Lock(dir)
		if err == nil {
			t.instance, t.locked = dir, true
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !IsGone(err) {
			t.instance = dir
			return errors.Join(err, t.rmdir(dir))
		}
	}
	return syscall.EEXIST
}

// instanceName is the name that a gosv tries in the n-th place. Its number alone
// need not be free: another pid namespace has the same numbers.
func instanceName(pid, n int) string {
	switch n {
	case 0:
		return "gosv"
	case 1:
		return "gosv-" + strconv.Itoa(pid)
	}
	return "gosv-" + strconv.Itoa(pid) + "-" + strconv.Itoa(n-1)
}

var instanceNames = regexp.MustCompile(`^gosv(-[0-9]+){0,2}$`)

// memberNames names the processes in a group, a few of them.
func memberNames(f sys.Files, dir string, self int) string {
	text, err := f.ReadFile(dir + "/cgroup.procs")
	if err != nil {
		return ""
	}
	pids, err := parsePids(text)
	if err != nil {
		return ""
	}
	const few = 3
	names, more := "", 0
	for _, pid := range pids {
		stat, err := procfs.ReadStat(f, pid)
		if pid == self || err != nil {
			continue
		}
		if names == "" {
			names = fmt.Sprintf("%q (pid %d)", stat.Comm, pid)
		} else if more++; more < few {
			names += fmt.Sprintf(", %q (pid %d)", stat.Comm, pid)
		}
	}
	if more >= few {
		names += fmt.Sprintf(" and %d more", more-few+1)
	}
	return names
}
