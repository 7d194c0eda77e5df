package procfs

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// InvocationVariable is the environment variable that ties a process to the spawn that
// it descends from. Its value is one invocation ID, or several separated by slashes: a
// supervisor that is itself a service of another one appends its own IDs to those it
// has inherited.
const InvocationVariable = "GOSV_INVOCATION"

// Query selects the processes that a supervisor without cgroups looks for.
type Query struct {
	Self        int             // the supervisor's own PID
	Known       map[int]bool    // children that the caller already tracks: skipped
	Groups      map[int]bool    // process groups
	Invocations map[string]bool // as in the value of InvocationVariable
	Children    bool            // every child of Self
	// At is called with each PID before the process is read, so that a caller can
	// report where a scan hangs. It may be nil.
	At func(pid int)
}

// Member is a process that Find found. Pid and StartTime together identify it.
type Member struct {
	Pid        int
	StartTime  uint64 // ticks since boot
	Comm       string // as in Stat
	Ppid       int
	Pgrp       int
	Session    int
	State      byte
	Invocation string // the ID by which it was found; "" if it was found by its process group
	// Dying is set for a child of Self that is exiting: its memory is gone, so it
	// may have had any of the invocation IDs. So may its children, which are not
	// adopted yet.
	Dying bool
}

// Find scans /proc once, in the order of PIDs. It returns the running processes that
// are in one of the process groups, or are children of Self (adopted orphans) with
// one of the invocation IDs in their environment; or all children of Self, if Children
// is set. It costs one read for each process of the machine, and one more for each
// unknown child of Self.
//
// A scan is no snapshot: it may miss a process that is forked while it runs. So a
// group is known to be empty only when scans find nothing and nothing can fork. A
// process that may not be read (hidepid, another user's environment) is not found.
func Find(f sys.FileReader, q Query) ([]Member, error) {
	entries, err := f.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("cannot list the processes: %w", err)
	}
	pids := make([]int, 0, len(entries))
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name); err == nil && pid != q.Self && !q.Known[pid] {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	var members []Member
	for _, pid := range slices.Compact(pids) {
		if q.At != nil {
			q.At(pid)
		}
		s, err := ReadStat(f, pid)
		if unseen(err) {
			continue
		}
		if err != nil {
			return members, err
		}
		if !s.Alive() {
			continue
		}
		invocation, dying := "", false
		if !q.Groups[s.Pgrp] && !(q.Children && s.Ppid == q.Self) {
			if s.Ppid != q.Self || len(q.Invocations) == 0 {
				continue
			}
			var all string
			if all, dying, err = readInvocation(f, s); err != nil {
				return members, err
			}
			if invocation = q.among(all); invocation == "" && !dying {
				continue
			}
		}
		members = append(members, Member{Pid: pid, StartTime: s.StartTime, Comm: s.Comm, Ppid: s.Ppid, Pgrp: s.Pgrp,
			Session: s.Session, State: s.State, Invocation: invocation, Dying: dying})
	}
	return members, nil
}

// among returns the first of several invocation IDs that is looked for, or "".
func (q Query) among(all string) string {
	for one := range strings.SplitSeq(all, "/") {
		if q.Invocations[one] {
			return one
		}
	}
	return ""
}

// readInvocation returns "" if there is none or it may not be read. An exiting process
// loses its memory (exit_mm of kernel/exit.c) some time before it becomes a zombie and
// its children get a new parent. The environ of a zombie is empty or ESRCH, depending on
// the kernel; both count as lost memory.
func readInvocation(f sys.FileReader, s Stat) (invocation string, dying bool, err error) {
	env, err := ReadEnviron(f, s.Pid)
	if s.State == 'Z' {
		env, err = readThreadEnviron(f, s.Pid)
	}
	switch {
	case errors.Is(err, ErrGone):
		return "", true, nil
	case err != nil && !unseen(err):
		return "", false, err
	case err == nil && len(env) == 0:
		now, err := ReadStat(f, s.Pid)
		return "", err != nil || now.Size == 0, nil
	}
	invocation, _ = Getenv(env, InvocationVariable)
	return invocation, false, nil
}

// readThreadEnviron reads the environment from another thread of a process whose first
// thread has ended.
func readThreadEnviron(f sys.FileReader, pid int) ([]string, error) {
	threads, err := f.ReadDir(path(pid, "task"))
	if err != nil {
		return nil, explain(path(pid, "task"), err)
	}
	for _, thread := range threads {
		env, err := read(f, pid, "task/"+thread.Name+"/environ", ParseEnviron)
		if len(env) > 0 || err != nil && !unseen(err) {
			return env, err
		}
	}
	return nil, ErrGone
}

// unseen reports whether an error only means that the process cannot be seen.
func unseen(err error) bool { return errors.Is(err, ErrGone) || errors.Is(err, fs.ErrPermission) }
