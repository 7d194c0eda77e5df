package supervisor

import (
	"errors"
	"sync/atomic"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// scanContext is what every job needs that looks at processes.
type scanContext struct {
	self   int
	known  map[int]bool // children whose services are known, and those at which a scan hangs
	blind  error        // why what /proc shows is of no use; nil: it is
	deaths int          // orphans reaped before the scan
	tree   *cgroupfs.Tree
}

// scanRequest is one scan.
type scanRequest struct {
	context  scanContext
	at       *atomic.Int64
	subjects []scanSubject
}

// scanResult is what a scan found: one entry for each subject.
type scanResult struct {
	members [][]member
	mains   []mainSeen
	err     error
}

// mainSeen is what a scan saw of a main process that is being stopped or killed.
type mainSeen struct {
	leftGroup bool
	escaped   bool
}

// scanTask is a scan as a job.
type scanTask struct {
	scanRequest
	then func(scanRequest, scanResult)
}

func (t scanTask) run(k sys.JobKernel) func() {
	res := t.scan(k)
	return func() { t.then(t.scanRequest, res) }
}

func (t scanTask) scan(k sys.JobKernel) scanResult {
	res := scanResult{members: make([][]member, len(t.subjects)), mains: make([]mainSeen, len(t.subjects))}
	q := procfs.Query{At: func(pid int) { t.at.Store(int64(pid)) }, Groups: map[int]bool{}, Invocations: map[string]bool{}}
	for i, sub := range t.subjects {
		if sub.signalled && t.context.blind == nil {
			res.mains[i] = t.lookAtMain(k, sub)
		}
		if sub.cgroup != "" {
			found, err := t.inCgroup(k, sub)
			res.members[i], res.err = found, errors.Join(res.err, err)
		}
		if sub.tracked {
			if sub.pgid != 0 {
				q.Groups[sub.pgid] = true
			}
			q.Invocations[sub.invocation] = true
		}
	}
	if len(q.Invocations) == 0 {
		return res
	}
	all, err := t.context.find(k, q)
	res.err = errors.Join(res.err, err)
	for _, m := range all {
		for i, sub := range t.subjects {
			switch {
			case !sub.tracked:
			case m.Dying:
				res.members[i] = append(res.members[i], member{Member: m}) // nothing can be done to it
			case m.Pgrp == sub.pgid || m.Invocation == sub.invocation:
				res.members[i] = hold(k, res.members[i], m)
			}
		}
	}
	return res
}

// lookAtMain looks whether a main process has left its process group or its cgroup.
// While a child of it stays in the group, a signal to the group does not say so.
func (t scanTask) lookAtMain(k sys.JobKernel, sub scanSubject) (seen mainSeen) {
	if st, err := procfs.ReadStat(k, sub.main); err == nil {
		seen.leftGroup = st.Pgrp != sub.main
	}
	if sub.cgroup != "" && !sub.tracked {
		inside, err := t.context.tree.Contains(sub.cgroup, sub.main)
		seen.escaped = err == nil && !inside
	}
	return seen
}

func (t scanTask) inCgroup(k sys.JobKernel, sub scanSubject) (found []member, err error) {
	pids, err := t.context.tree.Procs(sub.cgroup)
	if err != nil && !isGone(err) {
		return nil, err
	}
	for _, pid := range pids {
		if pid == sub.main {
			continue
		}
		t.at.Store(int64(pid))
		if st, err := procfs.ReadStat(k, pid); err == nil && st.Alive() {
			found = hold(k, found, procfs.Member{Pid: pid, StartTime: st.StartTime, Pgrp: st.Pgrp, Ppid: st.Ppid})
		}
	}
	return found, nil
}

// find looks for processes. Nothing is found where gosv is blind, as was reported at its start.
func (c scanContext) find(k sys.JobKernel, q procfs.Query) ([]procfs.Member, error) {
	if c.blind != nil {
		return nil, nil
	}
	q.Self, q.Known = c.self, c.known
	return procfs.Find(k, q)
}

// hold opens a handle and makes sure that it names the process that was seen: the PID
// could have been reused in between. A process for which no handle can be had now
// (EMFILE) is a member all the same, out of reach until the next scan. So is one that
// has gone since: when this scan met its children, they were not gosv's yet.
func hold(k sys.JobKernel, found []member, m procfs.Member) []member {
	h, err := k.OpenPid(m.Pid)
	if err != nil {
		return append(found, member{m, 0})
	}
	if st, err := procfs.ReadStat(k, m.Pid); err != nil || st.StartTime != m.StartTime {
		k.Close(h)
		h = 0
	}
	return append(found, member{m, h})
}
