package admit

import (
	"slices"
	"strings"

	"github.com/gosv/gosv/sys"
)

// end lets a process end, in the way that is told when it is waited for.
func (a *admitter) end(pid int) bool {
	return a.endAs(pid, a.statusOf(a.i, a.name(pid), a.handleOf(pid)))
}

func (a *admitter) endAs(pid int, st sys.Status) bool {
	if !a.lives(pid) {
		return false
	}
	a.leaves(pid)
	if !a.infer(func() error { return a.hand.Exit(pid, st) }) {
		return false
	}
	if q := a.known[pid]; q != nil {
		q.ended = a.i
	}
	a.handedOn()
	return true
}

// handedOn notes whose parent has just gone.
func (a *admitter) handedOn() {
	for _, p := range a.k.Processes() {
		if q := a.known[p.Pid]; q != nil && p.Ppid == a.k.Pid() && p.Spawn == 0 && q.adopted < 0 {
			q.adopted = a.i
		}
	}
}

// leaves notes that a process may have left others behind that nobody has seen.
// One that was seen to have left its group could not fork any more.
func (a *admitter) leaves(pid int) {
	p, _ := a.k.Process(pid)
	q := a.known[pid]
	if q == nil || a.dry {
		return
	}
	if !q.family.result && p.Spawn != 0 && !a.succeeds(q.family) {
		return // it never had a program
	}
	f := q.family
	f.remains = true
	if members, ok := a.hand.Members(f.group, true); f.group == "" || ok && slices.Contains(members, pid) {
		f.heirs, f.forked = true, a.i
	}
}

// leaveGroup lets a process that begins to end leave its group: that is the first
// that can be seen of an end.
func (a *admitter) leaveGroup(pid int) bool {
	a.leaves(pid)
	return a.infer(func() error { return a.hand.LeaveCgroup(pid) })
}

// vanish lets a process be gone, if anybody but the program can have reaped it.
func (a *admitter) vanish(pid int) bool {
	p, ok := a.k.Process(pid)
	q := a.known[pid]
	switch {
	case !ok:
		return true
	case q == nil:
		return false
	case p.Spawn != 0 && !q.family.result && !a.succeeds(q.family):
		r, _ := a.resultOf(a.i, q.family.start)
		return a.fails(q.family, r.step, errnoOf(r.errno))
	case p.Ppid != a.k.Pid():
		return a.infer(func() error { return a.hand.Reaped(pid) }) && a.forget(pid)
	case p.Spawn == 0 && (q.guessed || q.adopted >= 0 && q.sure < q.adopted):
		gone := a.infer(func() error { return a.hand.ReapedBefore(pid) }) && a.forget(pid)
		delete(a.freed, pid) // when that was is not known
		return gone
	}
	a.why = append(a.why, a.name(pid)+" is the program's own child, and it has not reaped it")
	return false
}

// forget is for a process that was reaped.
func (a *admitter) forget(pid int) bool {
	a.handedOn()
	delete(a.known, pid)
	a.freed[pid] = a.i
	for name, h := range a.handles {
		if h.pid == pid {
			h.gone = true
			a.handles[name] = h
		}
	}
	return true
}

// emptied notes that nothing lives in a directory, or below it.
func (a *admitter) emptied(dir string) {
	for _, f := range a.families {
		if within(f.group, dir) && !a.dry {
			f.heirs = false
		}
	}
}

// orphansGone lets every adopted child be gone that may be: there is none. Those of
// a process that is still ending are not orphans yet: its first thread and its
// place in a group may be gone long before its last thread is.
func (a *admitter) orphansGone() {
	for again := true; again; { // one that is gone leaves its children
		again = false
		for _, p := range a.k.Processes() {
			if p.Ppid == a.k.Pid() && p.Spawn == 0 && a.known[p.Pid] != nil {
				again = a.vanish(p.Pid) || again
			}
		}
	}
	ending := map[*family]bool{}
	for pid, q := range a.known {
		if !a.hand.Ended(pid) {
			ending[q.family] = true
		}
	}
	for _, f := range a.families {
		f.heirs, f.remains = f.heirs && ending[f], f.remains && ending[f]
	}
}

// handleOf gives the name of the handle that a start gave on a process.
func (a *admitter) handleOf(pid int) string {
	for name, h := range a.handles {
		if h.pid == pid && h.child && !h.gone {
			return name
		}
	}
	return ""
}

// processOf reads the process in a path of /proc, and the rest; ok is false for
// other paths.
func processOf(path string) (name, rest string, ok bool) {
	inside, ok := strings.CutPrefix(path, "/proc/")
	if !ok {
		return "", "", false
	}
	name, rest, _ = strings.Cut(inside, "/")
	return name, rest, isProcess(name)
}
