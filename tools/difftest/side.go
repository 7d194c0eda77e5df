package difftest

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/systest"
)

// Side is one of the two worlds, with all that a sequence has brought about in it.
// Its processes, starts and directories have the same names on both.
type Side struct {
	systest.World
	k    sys.Kernel
	root string // an empty directory of the cgroup file system, "" without

	self      int
	me        systest.ProcStat
	own       string // gosv's own cgroup
	environ   string // gosv's own
	nextID    *sys.SpawnID
	before    map[int]bool // processes that were there before the sequence
	strangers map[int]bool // these, and others that are none of ours
	starts    []*start
	procs     []*proc
	settled   int // processes that there were before the present operation
	dirs      []string
	watches   map[string]sys.WatchID
	locks     map[string]bool
	exited    []string
}

type start struct {
	id       sys.SpawnID
	result   string
	out, err *systest.Lines
}

type proc struct {
	pid    int
	handle sys.Handle
	child  bool // of a Spawn
	reaped bool // by gosv
	gone   bool // when last looked at
}

// NewSide begins a sequence in a world. root is a directory of the cgroup file system
// with nothing in it, "" for none; nextID counts the starts of the kernel.
func NewSide(w systest.World, root string, nextID *sys.SpawnID) *Side {
	s := &Side{World: w, k: w.Kernel, root: root, self: w.Kernel.Pid(), nextID: nextID,
		before: map[int]bool{}, strangers: map[int]bool{}, watches: map[string]sys.WatchID{}, locks: map[string]bool{}}
	if err := s.k.BecomeSubreaper(); err != nil {
		panic(fmt.Sprintf("difftest: become a subreaper: %v", err))
	}
	for _, pid := range s.numbers() {
		s.before[pid], s.strangers[pid] = true, true
	}
	s.me, _ = s.stat(s.self)
	s.own = s.cgroupOf(s.self)
	environ, _ := s.k.ReadFile(fmt.Sprintf("/proc/%d/environ", s.self))
	s.environ = string(environ)
	return s
}

// numbers are the processes that /proc lists.
func (s *Side) numbers() []int {
	pids, err := systest.PIDs(s.k)
	if err != nil {
		panic(fmt.Sprintf("difftest: list /proc: %v", err))
	}
	slices.Sort(pids)
	return pids
}

func (s *Side) stat(pid int) (systest.ProcStat, bool) { return systest.ReadStat(s.k, pid) }

func (s *Side) cgroupOf(pid int) string {
	path, _ := systest.CgroupOf(s.k, pid)
	return path
}

// discover names new processes: those whose parent is known.
func (s *Side) discover() {
	for _, pid := range s.numbers() {
		if s.strangers[pid] || s.named(pid) != nil {
			continue
		}
		st, ok := s.stat(pid)
		if ok && (st.Parent == s.self || s.named(st.Parent) != nil) {
			s.procs = append(s.procs, &proc{pid: pid})
		} else {
			s.strangers[pid] = true
		}
	}
}

// forgetPassing forgets processes that came and went within one operation: the
// parent that daemon(3) has for a moment.
func (s *Side) forgetPassing() {
	kept := slices.DeleteFunc(slices.Clone(s.procs[s.settled:]), func(p *proc) bool {
		_, there := s.stat(p.pid)
		return !there && p.handle == 0
	})
	s.procs = append(s.procs[:s.settled:s.settled], kept...)
}

func (s *Side) named(pid int) *proc {
	for _, p := range s.procs {
		if p.pid == pid && !p.gone {
			return p
		}
	}
	return nil
}

// name of a PID.
func (s *Side) name(pid int) string {
	if pid == s.self {
		return "gosv"
	}
	for i := len(s.procs) - 1; i >= 0; i-- {
		if s.procs[i].pid == pid {
			return "p" + strconv.Itoa(i+1)
		}
	}
	return "somebody"
}

// pump drains the ready lists.
func (s *Side) pump() {
	for _, r := range s.k.Spawned() {
		for _, st := range s.starts {
			if st.id == r.ID {
				st.result = s.begun(r)
			}
		}
	}
	for _, h := range s.k.Exited() {
		name := "a closed handle"
		for _, p := range s.procs {
			if p.handle == h {
				name = s.name(p.pid)
			}
		}
		s.exited = append(s.exited, name)
	}
}

func (s *Side) begun(r sys.SpawnResult) string {
	if r.Err != nil {
		fail := r.Err.(*sys.SpawnError)
		return string(fail.Step) + " " + errno(fail.Err)
	}
	p := s.named(r.Child.Pid)
	if p == nil {
		p = &proc{pid: r.Child.Pid}
		s.procs = append(s.procs, p)
	}
	p.handle, p.child = r.Child.Handle, true
	return s.name(p.pid)
}

// directory is the path of a directory or file of the tree that sequences play in.
func (s *Side) dir(name string) string {
	if !filepath.IsLocal(name) {
		panic("difftest: " + name + " is outside of the directory that sequences play in")
	}
	return path.Join(s.root, name)
}

// place is a cgroup as a sequence names it.
func (s *Side) place(group string) string {
	_, below, found := strings.Cut(group, "/"+path.Base(s.root))
	switch {
	case group == s.own:
		return "gosv's"
	case s.root == "" || !found:
		return "elsewhere"
	}
	return "." + below
}

// rest lets a world with a virtual clock go on until nothing happens any more:
// no script of a sequence does anything later by itself.
func (s *Side) rest() {
	const enough = 100 * time.Millisecond
	for until := s.k.Now() + enough; s.k.Now() < until; {
		s.k.Wait(until)
		s.pump()
	}
}
