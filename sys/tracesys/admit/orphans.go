package admit

import (
	"github.com/gosv/gosv/sys/tracesys"
)

// peekOrphan is a zombie among the adopted, any of them, and any child of a start
// where the two cannot be told apart.
func (a *admitter) peekOrphan() string {
	switch {
	case len(a.c.Result) == 0:
		return as(nil, "none") + ", or a process"
	case a.c.Result[0] == "none":
		a.orphansGone()
	}
	if name := a.c.Result[0]; isProcess(name) {
		return a.orphanEnds(name, a.c.Result[1:])
	}
	orphans, err := a.k.Orphans()
	pid, st, exists := orphans.Zombie, orphans.Status, orphans.Exist
	switch {
	case pid != 0 && a.c.Result[0] == "lives" && a.endedMeanwhile():
		return a.recorded()
	case pid != 0:
		return as(err, append([]string{a.name(pid)}, tracesys.Ending(st, true)...)...)
	case exists && a.c.Result[0] == "none":
		return as(err, "lives")
	}
	return a.recorded() // that a child may exist is never certain
}

// endedMeanwhile tells whether all zombies that the call under way could have found were
// seen to have ended by calls that had not returned when it began: it may have looked
// before that.
func (a *admitter) endedMeanwhile() bool {
	for _, p := range a.k.Processes() {
		q := a.known[p.Pid]
		if q != nil && p.Ppid == a.k.Pid() && p.Spawn == 0 && a.hand.Ended(p.Pid) && !overlap(a.calls[q.ended], a.c) {
			return false
		}
	}
	return true
}

// peekAny may find none where the fake knows of a zombie: of a failed start, say,
// which is reaped at any time.
func (a *admitter) peekAny() string {
	if len(a.c.Result) == 0 {
		return as(nil, "none") + ", or a process"
	}
	if name := a.c.Result[0]; isProcess(name) {
		return a.orphanEnds(name, a.c.Result[1:])
	}
	return a.recorded()
}

// groupLives lets whoever is in a group in which nobody lives have left it, or have
// ended. Somebody may live there whom no call has shown yet.
func (a *admitter) groupLives() string {
	h, ok := a.heldHandle()
	switch {
	case !ok:
		return notOpen
	case len(a.c.Result) != 1 || h.handle == 0:
		return "nothing: the handle is of no child"
	case a.c.Result[0] == "lives":
		return a.recorded()
	}
	for _, p := range a.k.Processes() {
		if p.Ppid != a.k.Pid() || p.Pgid != h.pid || a.hand.Ended(p.Pid) {
			continue
		}
		if a.leavesGroup(a.i, a.name(p.Pid), a.name(h.pid)) {
			a.infer(func() error { return a.hand.SetGroup(p.Pid, p.Pid, p.Pid) })
		} else {
			a.end(p.Pid)
		}
	}
	lives, err := a.k.GroupAlive(h.handle)
	if lives {
		return as(err, "lives")
	}
	return as(err, "none")
}

// orphanEnds lets an adopted child end, and be one before that.
func (a *admitter) orphanEnds(name string, ending []string) string {
	pid := a.number(name)
	if !a.descends(pid) {
		if of := a.clue(name); !a.appear(name, "", of, a.k.Pid()) && !a.remain(name, of) {
			return as(nil, "lives") + ", or another process"
		}
	}
	a.becomesChild(pid)
	if st, ok := tracesys.Status(ending); ok {
		a.endAs(pid, st)
	}
	p, _ := a.k.Process(pid)
	a.seen(pid)
	switch {
	case p.Ppid != a.k.Pid():
		return as(nil, "lives") + ", as " + name + " is a child of " + a.name(p.Ppid)
	case !a.hand.Ended(pid):
		return as(nil, "lives")
	}
	return as(nil, append([]string{name}, tracesys.Ending(p.Status, true)...)...)
}

// clue gives the family that a process turns out to be of, nil if it never does.
func (a *admitter) clue(name string) *family {
	invocation, group := a.invocationOf(a.i, name)
	return a.familyOf(func(f *family) bool {
		return f.invokes(invocation) || group != "" && within(f.group, group)
	})
}

// becomesChild makes a process the program's child: its parent was another than
// was guessed, or has ended.
func (a *admitter) becomesChild(pid int) {
	p, ok := a.k.Process(pid)
	q := a.known[pid]
	switch {
	case !ok || q == nil || p.Ppid == a.k.Pid():
	case q.guessed:
		a.infer(func() error { return a.hand.SetParent(pid, a.k.Pid()) })
	default:
		a.end(p.Ppid)
	}
}

func (a *admitter) reapOrphan() string {
	pid := a.number(a.c.Arg(0))
	if a.c.Err == 0 && !a.hand.Ended(pid) {
		if answer := a.orphanEnds(a.c.Arg(0), a.c.Result); !a.hand.Ended(pid) {
			return answer
		}
	}
	st, err := a.k.ReapPid(pid)
	if err == nil {
		a.forget(pid)
	}
	return as(err, tracesys.Ending(st, true)...)
}
