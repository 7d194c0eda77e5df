package cgroupfs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// maxInstances bounds the search for a free name.
const maxInstances = 100

// Probe finds the cgroup of gosv, whose PID is pid, makes an instance directory in
// it, locks that, moves the process into the directory supervisor below it, and tries
// to enable each controller by itself. The instance is called gosv, or gosv-PID if
// that name is taken; so reclaim stale instances first. What is not possible is a
// Finding. The tree is nil if no cgroup can be made at all; everything is then as it
// was before. Otherwise Close undoes what Probe did.
func Probe(f sys.Files, pid int, o Options) (*Tree, Findings) {
	at, problem := locate(f, pid, o)
	if problem != nil {
		return nil, Findings{*problem}
	}
	t := &Tree{files: f, pid: pid, own: at.dir}
	if problem := t.enter(o); problem != nil {
		return nil, Findings{*problem}
	}
	e := enabler{Tree: t, options: o, mounts: at.mounts, root: at.mount}
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
	t.files.Unlock(t.instance)
	return &finding
}

// makeInstance takes the first free name and locks it. A directory that exists
// belongs to another gosv. So does a lock that is already held on the directory just
// made: a gosv that looks for stale instances took it, and will remove the directory.
// instance is empty if no directory could be made.
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
			t.instance = dir
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !IsGone(err) {
			t.instance = dir
			return errors.Join(err, t.rmdir(dir))
		}
	}
	return syscall.EEXIST
}

// instanceName is the n-th name to try. The one with the PID may be taken, too, by a
// gosv in another PID namespace.
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

// memberNames describes the processes in a group. It reads the names of a few and
// counts the others.
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
	var names []string
	for i, pid := range pids {
		if len(names) == few {
			more := len(pids) - i
			if slices.Contains(pids[i:], self) {
				more--
			}
			if more > 0 {
				names[few-1] += fmt.Sprintf(" and %d more", more)
			}
			break
		}
		if pid == self {
			continue
		}
		if stat, err := procfs.ReadStat(f, pid); err == nil {
			names = append(names, fmt.Sprintf("PID %d (%s)", pid, printable(stat.Comm)))
		}
	}
	return strings.Join(names, ", ")
}

// printable quotes a process name that contains control characters.
func printable(name string) string {
	if quoted := strconv.Quote(name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}
