package fakesys

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// cgroupFile is one kind of control file. A nil read or write is refused with EINVAL.
type cgroupFile struct {
	name  string
	of    controllers // the controller it belongs to; 0 is the core
	root  bool        // the root cgroup has the file too
	read  func(g *cgroup) (string, syscall.Errno)
	write func(k *Kernel, g *cgroup, text string) syscall.Errno
}

// in reports whether a group has the file.
func (f *cgroupFile) in(g *cgroup) bool {
	switch {
	case f.of != 0 && f.of&g.available() == 0:
		return false
	case f.name == "cgroup.kill" && g.fs.opt.NoKillFile:
		return false
	}
	return f.root || g.parent != nil
}

var allCgroupFiles = slices.Concat(coreFiles, pressureFiles, memoryFiles, cpuFiles, pidsFiles)

var cgroupFiles = func() map[string]*cgroupFile {
	m := map[string]*cgroupFile{}
	for i := range allCgroupFiles {
		m[allCgroupFiles[i].name] = &allCgroupFiles[i]
	}
	return m
}()

// names are the files and directories in a group, sorted.
func (g *cgroup) names() []string {
	var names []string
	for i := range allCgroupFiles {
		if f := &allCgroupFiles[i]; f.in(g) {
			names = append(names, f.name)
		}
	}
	for _, c := range g.children {
		names = append(names, c.name)
	}
	slices.Sort(names)
	return names
}

// show returns a reader that cannot fail.
func show(text func(*cgroup) string) func(*cgroup) (string, syscall.Errno) {
	return func(g *cgroup) (string, syscall.Errno) { return text(g), 0 }
}

var coreFiles = []cgroupFile{
	{name: "cgroup.procs", root: true, read: readProcs, write: writeProcs},
	{name: "cgroup.controllers", root: true, read: show(func(g *cgroup) string { return g.available().line() })},
	{name: "cgroup.subtree_control", root: true, read: show(func(g *cgroup) string { return g.enabled.line() }), write: writeSubtreeControl},
	{name: "cgroup.events", read: show(func(g *cgroup) string {
		return fmt.Sprintf("populated %d\nfrozen %d\n", flag(g.populated > 0), flag(g.isFrozen()))
	})},
	{name: "cgroup.freeze", read: show(func(g *cgroup) string { return fmt.Sprintf("%d\n", flag(g.freeze)) }),
		write: func(k *Kernel, g *cgroup, text string) syscall.Errno {
			n, errno := oneOf(text, 0, 1)
			if errno == 0 {
				g.setFreeze(k.World, n == 1)
			}
			return errno
		}},
	{name: "cgroup.kill", write: func(k *Kernel, g *cgroup, text string) syscall.Errno {
		_, errno := oneOf(text, 1, 1)
		if errno == 0 && g.threaded {
			errno = syscall.EOPNOTSUPP
		}
		if errno == 0 {
			g.kill(k.World, k.self)
		}
		return errno
	}},
	{name: "cgroup.type", read: show((*cgroup).kind), write: writeType},
	{name: "cgroup.stat", root: true, read: show(func(g *cgroup) string {
		return fmt.Sprintf("nr_descendants %d\nnr_dying_descendants 0\n", g.descendants())
	})},
	{name: "cgroup.max.descendants", root: true, read: show(func(g *cgroup) string { return maxText(int64(g.maxBelow)) }),
		write: func(_ *Kernel, g *cgroup, text string) syscall.Errno { return writeMax(text, &g.maxBelow) }},
	{name: "cgroup.max.depth", root: true, read: show(func(g *cgroup) string { return maxText(int64(g.maxDepth)) }),
		write: func(_ *Kernel, g *cgroup, text string) syscall.Errno { return writeMax(text, &g.maxDepth) }},
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func maxText(n int64) string {
	if n < 0 {
		return "max\n"
	}
	return strconv.FormatInt(n, 10) + "\n"
}

// oneOf reads a number from lo to hi. It returns EINVAL for text that is not a number and
// ERANGE for a number outside the range.
func oneOf(text string, lo, hi int) (int, syscall.Errno) {
	n, errno := number(text)
	if errno == 0 && (n < lo || n > hi) {
		errno = syscall.ERANGE
	}
	return n, errno
}

// number is kstrtoint(9) with base 0: a sign, and 0x or 0 for other bases.
func number(text string) (int, syscall.Errno) {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseInt(text, 0, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, syscall.ERANGE
	case err != nil || strings.ContainsAny(text, "_oObB") && !strings.Contains(text, "x"):
		return 0, syscall.EINVAL // number formats that only Go accepts
	}
	return int(n), 0
}

// writeMax reads a number from 0, or "max".
func writeMax(text string, to *int) syscall.Errno {
	text = strings.TrimSpace(text)
	if text == "max" {
		*to = -1
		return 0
	}
	n, errno := number(text)
	if errno == 0 && n < 0 {
		errno = syscall.ERANGE
	}
	if errno == 0 {
		*to = n
	}
	return errno
}

func readProcs(g *cgroup) (string, syscall.Errno) {
	if g.threaded {
		return "", syscall.EOPNOTSUPP
	}
	pids := make([]int, len(g.members))
	for i, p := range g.members {
		pids[i] = p.pid
	}
	slices.Sort(pids)
	var b strings.Builder
	for _, pid := range pids {
		fmt.Fprintln(&b, pid)
	}
	return b.String(), 0
}

func writeProcs(k *Kernel, g *cgroup, text string) syscall.Errno {
	pid, errno := number(text)
	if errno != 0 || pid < 0 {
		return syscall.EINVAL
	}
	p := k.self
	if pid != 0 {
		p = k.find(pid)
	}
	if p == nil {
		return syscall.ESRCH
	}
	return k.moveTo(p, g)
}

func writeSubtreeControl(_ *Kernel, g *cgroup, text string) syscall.Errno {
	var on, off controllers
	for _, word := range strings.Fields(text) {
		bit := parseController(word[1:])
		switch {
		case bit == 0 && !slices.Contains(otherControllers, word[1:]):
			return syscall.EINVAL
		case word[0] == '+':
			if g.available()&bit == 0 {
				return syscall.ENOENT
			}
			on, off = on|bit, off&^bit
		case word[0] == '-':
			on, off = on&^bit, off|bit
		default:
			return syscall.EINVAL
		}
	}
	on &^= g.enabled
	off &= g.enabled
	for _, c := range g.children {
		if c.enabled&off != 0 {
			return syscall.EBUSY
		}
	}
	if errno := g.mayEnable(on); errno != 0 {
		return errno
	}
	g.enabled = g.enabled&^off | on
	return 0
}

// otherControllers are the names that Linux knows and the fake does not model.
var otherControllers = []string{"cpuset", "io", "hugetlb", "rdma", "misc", "perf_event", "dmem"}

// mayEnable is cgroup_vet_subtree_control_enable.
func (g *cgroup) mayEnable(on controllers) syscall.Errno {
	switch {
	case on == 0 || g.parent == nil:
		return 0
	case !g.validDomain() && !g.threaded:
		return syscall.EOPNOTSUPP
	case on&^threadedControllers != 0 && (g.threadRoot() || g.threaded):
		return syscall.EOPNOTSUPP
	case on&^threadedControllers == 0 && (g.canBeThreadRoot() || g.threaded):
		return 0
	case len(g.members) > 0:
		return syscall.EBUSY
	}
	return 0
}

func (g *cgroup) kind() string {
	switch {
	case g.threaded:
		return "threaded\n"
	case !g.validDomain():
		return "domain invalid\n"
	case g.parent != nil && g.threadRoot():
		return "domain threaded\n"
	}
	return "domain\n"
}

func writeType(_ *Kernel, g *cgroup, text string) syscall.Errno {
	switch {
	case strings.TrimSpace(text) != "threaded":
		return syscall.EINVAL
	case g.threaded:
		return 0
	case g.populated > 0 || g.enabled&^threadedControllers != 0 || !g.parent.canBeThreadRoot() && !g.parent.threaded:
		return syscall.EOPNOTSUPP
	}
	g.threaded = true
	return 0
}

func (g *cgroup) descendants() int {
	n := -1
	g.down(func(*cgroup) { n++ })
	return n
}
