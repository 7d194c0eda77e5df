package fakesys

import (
	"path"
	"slices"
	"strings"
	"syscall"
)

// Cgroups describes the cgroup v2 file system and gosv's position in it.
type Cgroups struct {
	Mount       string   // mount point; "" is /sys/fs/cgroup
	Controllers []string // those of the root: "memory", "cpu", "pids"
	// Enabled are the controllers that are enabled down to gosv's own cgroup, so its
	// cgroup.controllers lists them.
	Enabled []string
	Own     string // gosv's own cgroup, as in /proc/self/cgroup; "" is "/"
	// Delegated is the subtree that gosv may write to. "" is none and "/" is
	// everything (root). Writes elsewhere return EACCES.
	Delegated string
	ReadOnly  bool // mounted read-only: EROFS
	// KillBug is a bug of some kernels: CLONE_INTO_CGROUP compares the kill counter of
	// the new cgroup with that of the parent's cgroup. A process spawned into a cgroup
	// whose cgroup.kill was ever written is therefore killed at once.
	KillBug    bool
	NoKillFile bool // there is no cgroup.kill, as before Linux 5.14, and cpu.pressure has no line "full"
}

// cgroupFS is the file system.
type cgroupFS struct {
	opt   Cgroups
	root  *cgroup
	world *World
}

// cgroup is one directory.
type cgroup struct {
	fs        *cgroupFS
	name      string
	full      string // its path from the root
	parent    *cgroup
	children  []*cgroup // by name
	members   []*process
	populated int // living processes in the subtree
	freeze    bool
	frozen    int // how many of this cgroup and its ancestors have cgroup.freeze set
	enabled   controllers
	threaded  bool
	kills     int // how often cgroup.kill was written here or above
	maxBelow  int // cgroup.max.descendants, -1 is none
	maxDepth  int
	removed   bool
	lock      *flock // nil: not locked
	watches   []*watch

	memory memory
	cpu    cpu
	pids   pids
}

// controllers is a set of controllers.
type controllers uint8

const (
	memoryController controllers = 1 << iota
	cpuController
	pidsController
)

// controllerNames is in the order of the kernel's cgroup.controllers.
var controllerNames = []struct {
	bit  controllers
	name string
}{{cpuController, "cpu"}, {memoryController, "memory"}, {pidsController, "pids"}}

// threadedControllers also work in threaded cgroups, so processes in an inner cgroup do
// not prevent enabling them.
const threadedControllers = cpuController | pidsController

func parseController(name string) controllers {
	for _, c := range controllerNames {
		if c.name == name {
			return c.bit
		}
	}
	return 0
}

func setOfControllers(names []string) (set controllers) {
	for _, name := range names {
		bit := parseController(name)
		if bit == 0 {
			panic("fakesys: the controller " + name + " is not modelled")
		}
		set |= bit
	}
	return set
}

func (c controllers) String() string {
	var names []string
	for _, one := range controllerNames {
		if c&one.bit != 0 {
			names = append(names, one.name)
		}
	}
	return strings.Join(names, " ")
}

// line returns the set as control files show it, which is nothing for an empty set
// (cgroup_print_ss_mask).
func (c controllers) line() string {
	if c == 0 {
		return ""
	}
	return c.String() + "\n"
}

func newCgroupFS(w *World, o Cgroups) *cgroupFS {
	setDefault(&o.Mount, "/sys/fs/cgroup")
	setDefault(&o.Own, "/")
	fs := &cgroupFS{opt: o, world: w}
	fs.root = fs.newGroup(nil, "")
	g := fs.root
	enabled := setOfControllers(o.Enabled)
	for _, name := range strings.Split(strings.Trim(o.Own, "/"), "/") {
		if name != "" {
			g.enabled |= enabled
			g = fs.newGroup(g, name)
		}
	}
	return fs
}

func (fs *cgroupFS) newGroup(parent *cgroup, name string) *cgroup {
	g := &cgroup{fs: fs, name: name, full: "/", parent: parent, maxBelow: -1, maxDepth: -1, memory: newMemory(), cpu: newCPU(), pids: pids{max: -1}}
	if parent != nil {
		g.full = path.Join(parent.full, name)
		g.frozen = parent.frozen
		i, _ := slices.BinarySearchFunc(parent.children, name, func(c *cgroup, name string) int { return strings.Compare(c.name, name) })
		parent.children = slices.Insert(parent.children, i, g)
	}
	return g
}

// own moves gosv into its own cgroup.
func (fs *cgroupFS) own(self *process) {
	if g := fs.root.below(fs.opt.Own); g != nil {
		fs.join(self, g)
		return
	}
	fs.join(self, fs.root)
}

// path is the group's name as in /proc/PID/cgroup.
func (g *cgroup) path() string {
	if g.removed {
		return g.full + " (deleted)"
	}
	return g.full
}

// below walks down a relative path; nil if it does not exist.
func (g *cgroup) below(name string) *cgroup {
	for g != nil {
		name = strings.TrimLeft(name, "/")
		if name == "" {
			return g
		}
		first, rest, _ := strings.Cut(name, "/")
		g, name = g.child(first), rest
	}
	return nil
}

func (g *cgroup) child(name string) *cgroup {
	i, found := slices.BinarySearchFunc(g.children, name, func(c *cgroup, name string) int { return strings.Compare(c.name, name) })
	if !found {
		return nil
	}
	return g.children[i]
}

// holds reports whether a path is in this file system.
func (fs *cgroupFS) holds(name string) bool {
	rest, ok := strings.CutPrefix(name, fs.opt.Mount)
	return ok && (rest == "" || rest[0] == '/')
}

// at returns the cgroup of a directory path, or nil.
func (fs *cgroupFS) at(name string) *cgroup {
	if !fs.holds(name) {
		return nil
	}
	return fs.root.below(name[len(fs.opt.Mount):])
}

// split returns the cgroup and the control file of a path, each nil if it does not exist.
func (fs *cgroupFS) split(name string) (*cgroup, *cgroupFile) {
	g := fs.at(path.Dir(name))
	if g == nil {
		return nil, nil
	}
	f := cgroupFiles[path.Base(name)]
	if f == nil || !f.in(g) {
		return g, nil
	}
	return g, f
}

// available returns the controllers of the cgroup: those that its parent has enabled.
func (g *cgroup) available() controllers {
	if g.parent == nil {
		return setOfControllers(g.fs.opt.Controllers)
	}
	return g.parent.enabled
}

// writable reports whether gosv may write in the directory.
func (g *cgroup) writable() syscall.Errno {
	if g.fs.opt.ReadOnly {
		return syscall.EROFS
	}
	d := g.fs.opt.Delegated
	if d == "/" || d != "" && (g.path() == d || strings.HasPrefix(g.path(), d+"/")) {
		return 0
	}
	return syscall.EACCES
}

// up calls f for the group and those above it.
func (g *cgroup) up(f func(*cgroup)) {
	for ; g != nil; g = g.parent {
		f(g)
	}
}

// down calls f for the group and those below it, in order.
func (g *cgroup) down(f func(*cgroup)) {
	f(g)
	for _, c := range g.children {
		c.down(f)
	}
}

// processes are the living ones of the subtree.
func (g *cgroup) processes() (all []*process) {
	g.down(func(c *cgroup) { all = append(all, c.members...) })
	return all
}
