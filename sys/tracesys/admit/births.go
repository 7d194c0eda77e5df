package admit

import (
	"fmt"
	"maps"
	"slices"
)

// exists tells whether the fake has a process, dead or alive.
func (a *admitter) exists(pid int) bool {
	_, ok := a.k.Process(pid)
	return ok
}

// lives tells whether it has one that has not ended.
func (a *admitter) lives(pid int) bool { return a.exists(pid) && !a.hand.Ended(pid) }

// descends tells whether a process is known to come from a start.
func (a *admitter) descends(pid int) bool { return a.known[pid] != nil && a.exists(pid) }

// seen notes that the call under way showed that a process exists.
func (a *admitter) seen(pid int) {
	if p, i := a.known[pid], a.i; p != nil {
		a.once(func() { p.sure = i })
	}
}

// once does something when the call under way is admitted.
func (a *admitter) once(learn func()) { a.lessons = append(a.lessons, learn) }

// nameless gives a number for a process that has no name.
func (a *admitter) nameless() int {
	for pid := a.last + 1; ; pid++ {
		if pid > a.last+spare {
			panic(fmt.Sprintf("more than %d processes without a name: the trace is beyond this checker", spare))
		}
		if a.unnamed++; a.unnamed > a.last+spare {
			a.unnamed = a.last + 1
		}
		if !a.exists(a.unnamed) {
			return a.unnamed
		}
	}
}

// birth brings a process into being; it is one of a family from then on.
func (a *admitter) birth(pid int, f *family, guessed bool, happen func() error) bool {
	if !a.infer(happen) {
		return false
	}
	a.known[pid] = &person{family: f, born: a.i, sure: a.i, guessed: guessed, adopted: -1}
	for name, h := range a.handles {
		if h.pid == pid && h.handle == 0 && !h.gone { // opened before it was known whose it is
			if h.handle, _ = a.k.OpenPid(pid); h.handle != 0 {
				a.handles[name] = h
			}
		}
	}
	return true
}

// born lets the clone of a start succeed, with the number that its result shows
// later, if that is a success.
func (a *admitter) born(f *family) bool {
	pid := 0
	if r, ok := a.resultOf(a.i, f.start); ok {
		pid = a.number(r.pid)
	}
	if pid == 0 {
		pid = a.nameless()
	}
	a.makeRoom(pid)
	return a.birth(pid, f, false, func() error { return a.hand.Born(f.id, pid) })
}

// makeRoom frees a number that is seen to belong to another: who has ended, and is
// not the program's child, was reaped, and nobody is taken to be in a group of
// that number without having been seen in it.
func (a *admitter) makeRoom(pid int) {
	if p, ok := a.k.Process(pid); ok {
		if p.Ppid == a.k.Pid() || !a.hand.Ended(pid) {
			return
		}
		a.vanish(pid)
	}
	for _, p := range a.k.Processes() {
		if q := a.known[p.Pid]; q != nil && q.start == "" && p.Spawn == 0 && (p.Pgid == pid || p.Sid == pid) {
			a.infer(func() error { return a.hand.SetGroup(p.Pid, p.Pid, p.Pid) })
		}
	}
}

// unborn are the starts under way whose child is not born, and who may be born in
// a directory or below it ("" is anywhere).
func (a *admitter) unborn(dir string) *family {
	return a.familyOf(func(f *family) bool {
		return !f.result && !f.failed && (dir == "" || within(f.group, dir)) && a.childOf(f) == 0
	})
}

// childOf gives the child of a start that is under way, 0 if it is not born.
func (a *admitter) childOf(f *family) int {
	for _, p := range a.k.Processes() {
		if p.Spawn == f.id {
			return p.Pid
		}
	}
	return 0
}

// enliven finds somebody who may live in a directory, or below it, although nobody
// was seen there.
func (a *admitter) enliven(dir string) bool {
	if f := a.unborn(dir); f != nil && a.born(f) {
		return true
	}
	if f := a.familyOf(func(f *family) bool { return f.heirs && within(f.group, dir) }); f != nil {
		return a.stray(a.nameless(), f)
	}
	a.why = append(a.why, "nobody is known, or can have been left, who would live in "+dir)
	return false
}

// stray brings a process into being that a family has left.
func (a *admitter) stray(pid int, f *family) bool {
	return a.birth(pid, f, true, func() error { return a.hand.Stray(pid, f.group, f.env()) })
}

// remain brings a zombie into being that a family has left.
func (a *admitter) remain(name string, of *family) bool {
	pid := a.number(name)
	f := a.familyOf(func(f *family) bool {
		return f.remains && (of == nil || f == of) && (f.heirs || a.freed[pid] == 0 || a.freed[pid] < f.forked)
	})
	return f != nil && a.birth(pid, f, true, func() error { return a.hand.Stray(pid, "", f.env()) }) && a.end(pid)
}

// appear brings a process into being that was just seen, in a group ("" is not
// known), a family (nil is not known) or as the child of a process (0 is not
// known). It is false if nobody can have made it.
func (a *admitter) appear(name, dir string, of *family, parent int) bool {
	pid := a.number(name)
	a.makeRoom(pid)
	if a.exists(pid) {
		return true
	}
	if r, ok := a.startOf(a.i, name); ok {
		f := a.familyOf(func(f *family) bool { return f.start == r.start && !f.result })
		return f != nil && a.born(f)
	}
	fits := func(f *family) bool { return (of == nil || f == of) && (dir == "" || within(f.group, dir)) }
	adopted := parent == 0 || parent == a.k.Pid()
	if adopted && !a.reapedLater(a.i, name) && a.bornToFail(pid, fits) {
		return true
	}
	if unseen := a.unseen(fits); unseen != 0 && adopted {
		return a.rename(unseen, pid)
	}
	if a.fork(pid, parent, adopted, fits) {
		return true
	}
	if f := a.familyOf(func(f *family) bool { return f.heirs && fits(f) }); f != nil && adopted {
		return a.stray(pid, f)
	}
	for _, f := range a.families { // one that has a child already, who made this one
		if !f.result && adopted && fits(f) && a.childOf(f) == 0 && a.succeeds(f) && a.born(f) && a.fork(pid, parent, adopted, fits) {
			return true
		}
	}
	if adopted && a.bornToFail(pid, fits) {
		return true
	}
	a.why = append(a.why, "nobody can have made the process "+name)
	return false
}

// bornToFail makes a process the child of a start that turns out to have failed.
func (a *admitter) bornToFail(pid int, fits func(*family) bool) bool {
	f := a.familyOf(func(f *family) bool {
		return !f.result && !f.failed && fits(f) && a.childOf(f) == 0 && !a.succeeds(f)
	})
	return f != nil && a.birth(pid, f, false, func() error { return a.hand.Born(f.id, pid) })
}

// fork lets the parent of a process make it, or anybody who can have.
func (a *admitter) fork(pid, parent int, guessed bool, fits func(*family) bool) bool {
	for _, mother := range a.mothers(parent, fits) {
		if a.birth(pid, a.known[mother].family, guessed, func() error { return a.hand.Fork(mother, pid) }) {
			return true
		}
	}
	return false
}

// rename gives a process without a name the one that it turns out to have.
func (a *admitter) rename(unseen, pid int) bool {
	if !a.infer(func() error { return a.hand.Renumber(unseen, pid) }) {
		return false
	}
	a.known[pid] = a.known[unseen]
	a.known[pid].sure = a.i
	delete(a.known, unseen)
	return true
}

// unseen finds a living process that has no name and is no child of a start.
func (a *admitter) unseen(fits func(*family) bool) int {
	for _, p := range a.k.Processes() {
		if q := a.known[p.Pid]; p.Pid > a.last && q != nil && p.Spawn == 0 && fits(q.family) && !a.hand.Ended(p.Pid) {
			return p.Pid
		}
	}
	return 0
}

// mothers are those who may have forked a process: the one that is its parent, or
// any of the family. Who runs a program has got through its start.
func (a *admitter) mothers(parent int, fits func(*family) bool) (list []int) {
	for _, pid := range slices.Sorted(maps.Keys(a.known)) {
		p := a.known[pid]
		if !a.lives(pid) || parent != 0 && parent != a.k.Pid() && parent != pid || parent != pid && !fits(p.family) {
			continue
		}
		if process, _ := a.k.Process(pid); process.Spawn != 0 && !p.family.result && !a.executed(p.family) {
			continue
		}
		list = append(list, pid)
	}
	return list
}

// executed lets the exec of a start succeed that is under way, if it did.
func (a *admitter) executed(f *family) bool {
	return a.succeeds(f) && a.infer(func() error { return a.hand.Executed(f.id) })
}

// succeeds tells whether a start gives a child, as far as the trace tells.
func (a *admitter) succeeds(f *family) bool {
	r, ok := a.resultOf(a.i, f.start)
	return !ok || r.pid != ""
}
