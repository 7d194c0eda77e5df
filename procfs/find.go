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

// InvocationVariable names the environment variable that ties a process to the
// start that it comes from. Its value is an invocation, or several with a slash
// between them: a supervisor that is a service of another one puts its own after
// those that it has itself.
const InvocationVariable = "GOSV_INVOCATION"

// Query says which processes a supervisor without cgroups looks for.
type Query struct {
	Self        int             // the supervisor's own number
	Known       map[int]bool    // children that the caller has handles of: passed over unread
	Groups      map[int]bool    // process groups
	Invocations map[string]bool // as in the value of InvocationVariable
	Children    bool            // every child of Self
	// At is told the number of each process before it is looked at, so that
	// somebody can tell where a pass hangs; nil: nobody wants to know.
	At func(pid int)
}

// Member is a process that Find found. Pid and StartTime together name it.
type Member struct {
	Pid        int
	StartTime  uint64 // ticks since boot
	Comm       string // as in Stat
	Ppid       int
	Pgrp       int
	Session    int
	State      byte
	Invocation string // the one it was found by; "" if by its group
	// Dying: it is a child of Self that may have had any of the invocations,
	// since its memory is gone. So may its children, which are not adopted yet.
	Dying bool
}

// Find passes once over /proc, by number, and gives the processes that are
// alive and either in one of the groups, or children of Self (adopted orphans,
// that is) with one of the invocations in their environment, the first entry
// deciding; or simply its children, if those are asked for. It costs one read
// for each process of the machine, and one more for each unknown child of Self.
//
// One pass is no snapshot: a process that is born during it may be missed, so
// that only passes that find nothing while nothing can fork show that a group is
// empty. What may not be read (hidepid, another user's environment) is not found.
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

// among gives the one of several invocations that is looked for; "" if none is.
func (q Query) among(all string) string {
	for one := range strings.SplitSeq(all, "/") {
		if q.Invocations[one] {
			return one
		}
	}
	return ""
}

// readInvocation gives "" if there is none or it may not be seen. A process that
// ends loses its memory (exit_mm of kernel/exit.c) some time before it is a
// zombie and its children find a new parent.
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

// readThreadEnviron asks the other threads of a process whose first one ended.
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

// unseen tells whether an error only means that there is nothing to see.
func unseen(err error) bool { return errors.Is(err, ErrGone) || errors.Is(err, fs.ErrPermission) }
