package supervisor

import (
	"errors"
	"sync/atomic"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// censusTask is one census.
type censusTask struct {
	look
	tree     *cgroupfs.Tree
	at       *atomic.Int64
	subjects []subject
	deaths   int // of orphans before it
}

func (t censusTask) run(k sys.JobKernel) finished {
	t.k = k
	members, err := t.members()
	return func(s *Supervisor) { s.takeCensus(t, members, err) }
}

func (t censusTask) members() (members [][]member, err error) {
	members = make([][]member, len(t.subjects))
	q := procfs.Query{At: func(pid int) { t.at.Store(int64(pid)) }, Groups: map[int]bool{}, Invocations: map[string]bool{}}
	for i, sub := range t.subjects {
		if sub.leaf != "" {
			found, fail := t.inLeaf(sub)
			members[i], err = found, errors.Join(err, fail)
		}
		if !sub.counted {
			continue
		}
		if sub.pgid != 0 {
			q.Groups[sub.pgid] = true
		}
		q.Invocations[sub.invocation] = true
	}
	if len(q.Invocations) == 0 {
		return members, err
	}
	all, fail := t.find(q)
	for _, m := range all {
		for i, sub := range t.subjects {
			switch {
			case !sub.counted:
			case m.Dying:
				members[i] = append(members[i], member{Member: m}) // nothing can be done to it
			case m.Pgrp == sub.pgid || m.Invocation == sub.invocation:
				members[i] = t.hold(members[i], m)
			}
		}
	}
	return members, errors.Join(err, fail)
}

func (t censusTask) inLeaf(sub subject) (found []member, err error) {
	pids, err := t.tree.Procs(sub.leaf)
	if err != nil && !cgroupfs.IsGone(err) {
		return nil, err
	}
	for _, pid := range pids {
		if pid == sub.main {
			continue
		}
		t.at.Store(int64(pid))
		if st, err := procfs.ReadStat(t.k, pid); err == nil && st.Alive() {
			found = t.hold(found, procfs.Member{Pid: pid, StartTime: st.StartTime, Pgrp: st.Pgrp, Ppid: st.Ppid})
		}
	}
	return found, nil
}

// orphansTask looks for every adopted child.
type orphansTask struct{ look }

func (t orphansTask) run(k sys.JobKernel) finished {
	t.k = k
	all, err := t.find(procfs.Query{Children: true})
	var found []member
	for _, m := range all {
		found = t.hold(found, m)
	}
	return func(s *Supervisor) { s.killOrphans(found, err) }
}
