package admit

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func (a *admitter) readFile() string {
	file := a.c.Arg(0)
	name, rest, ok := processOf(file)
	switch {
	case !ok && strings.HasPrefix(file, "/proc/"):
		return a.recorded() // of the machine
	case !ok && a.unknown(file):
		return a.recorded()
	case !ok:
		return a.groupFile(file)
	}
	pid := a.number(name)
	if rest == "stat" && a.c.Err == 0 && len(a.c.Result) == 11 {
		a.meet(name)
	}
	if pid == a.k.Pid() {
		return a.ownFile(file, rest)
	}
	if !a.descends(pid) {
		if rest == "stat" && len(a.c.Result) > 2 && a.ourOwn(a.number(a.c.Result[2])) {
			return "! ENOENT, or with another parent"
		}
		return a.recorded() // a stranger, or nobody
	}
	if gone(a.c.Err) || a.c.Err == syscall.ESRCH {
		return a.hidden(pid, rest)
	}
	if a.c.Err != 0 {
		return a.recorded()
	}
	switch rest {
	case "stat":
		return a.stat(pid, file)
	case "environ":
		return a.environ(pid)
	case "cgroup":
		return a.cgroup(pid, file)
	}
	a.seen(pid)
	return a.recorded()
}

// ownFile is of the program itself.
func (a *admitter) ownFile(file, rest string) string {
	if rest != "cgroup" || a.c.Err != 0 {
		return a.recorded()
	}
	text, err := a.k.ReadFile("/proc/self/cgroup")
	if facts := a.names.Facts(file, text); facts[0] != "none" && !strings.HasPrefix(facts[0], "4:") {
		return as(err, facts...)
	}
	return a.recorded()
}

// bare are the files that a process without memory does not have.
var bare = []string{"environ", "smaps_rollup"}

// hidden is for an error that says that a process is not there, or has no memory.
func (a *admitter) hidden(pid int, rest string) string {
	if a.c.Err == syscall.ESRCH && slices.Contains(bare, path.Base(rest)) {
		if a.lives(pid) {
			a.infer(func() error { return a.hand.LoseMemory(pid) })
		}
		return a.recorded()
	}
	if strings.Contains(rest, "/") || rest == "cwd" || rest == "exe" {
		return a.recorded() // a descriptor or thread that is gone, or of a zombie
	}
	if a.vanish(pid) {
		return a.recorded()
	}
	return "= its text, as the process is there"
}

// ourOwn tells whether a process is the program or descends from it.
func (a *admitter) ourOwn(pid int) bool { return pid == a.k.Pid() || a.descends(pid) }

// meet looks at whose child a process is that is perhaps not known yet, and
// brings it into being if it descends from the program.
func (a *admitter) meet(name string) {
	pid, parent := a.number(name), a.number(a.c.Result[2])
	a.makeRoomFor(pid)
	if a.exists(pid) || pid == a.k.Pid() {
		return
	}
	if !a.ourOwn(parent) {
		return
	}
	if of := a.clue(name); !a.appear(name, "", of, parent) && a.c.Result[0] == "Z" {
		a.remain(name, of)
	}
}

// makeRoomFor lets a process be gone whose number has another start time now.
func (a *admitter) makeRoomFor(pid int) {
	if q := a.known[pid]; q != nil && a.exists(pid) && q.start != "" && q.start != a.c.Result[8] {
		a.vanish(pid)
	}
}

// stat brings about what the recorded state, parent, group and session need, and
// gives what the fake shows.
func (a *admitter) stat(pid int, file string) string {
	q, r := a.known[pid], a.c.Result
	state, parent, memory := r[0], a.number(r[2]), r[10]
	a.family(pid, parent)
	p, _ := a.k.Process(pid)
	if a.lives(pid) {
		switch {
		case state == "Z" && p.State != 'Z':
			a.infer(func() error { a.k.EndLeader(pid); return nil }) // the weaker cause
		case state == "T" && p.State != 'T':
			a.infer(func() error { return a.hand.Stop(pid, syscall.SIGSTOP) })
		case state != "T" && p.State == 'T':
			a.infer(func() error { return a.hand.Continue(pid) })
		}
		if memory == "none" {
			a.infer(func() error { return a.hand.LoseMemory(pid) })
		}
		pgrp, session := a.number(r[4]), a.number(r[6])
		if (p.Pgid != pgrp || p.Sid != session) && (p.Spawn == 0 || q.family.result) {
			a.infer(func() error { return a.hand.SetGroup(pid, pgrp, session) })
		}
	}
	text, err := a.k.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	facts := a.names.Facts(file, text)
	if err != nil || len(facts) != len(r) {
		return as(err, facts...)
	}
	if state != "Z" && facts[0] != "Z" && state != "T" && facts[0] != "T" {
		facts[0] = state // running, sleeping or in the disk
	}
	facts[4], facts[6] = r[4], r[6] // what a process may change at will
	if q.start == "" {
		a.once(func() { q.start = r[8] })
	}
	if facts[8] = r[8]; q.start != "" {
		facts[8] = q.start
	}
	a.seen(pid)
	return as(nil, facts...)
}

// family makes the parent in the fake the recorded one: who was guessed to be it
// is put right, else it must have ended.
func (a *admitter) family(pid, parent int) {
	p, _ := a.k.Process(pid)
	q := a.known[pid]
	switch {
	case p.Ppid == parent:
		if parent != a.k.Pid() {
			a.once(func() { q.guessed = false })
		}
	case parent == a.k.Pid():
		a.becomesChild(pid)
	case q.guessed && parent != 0:
		if name := a.name(parent); !a.exists(parent) && !a.appear(name, "", q.family, 0) {
			a.stray(parent, q.family) // somebody between, who was not seen
		}
		a.infer(func() error { return a.hand.SetParent(pid, parent) })
	default:
		a.end(p.Ppid)
	}
}

// environ compares the invocation. A program may clear its environment, or show
// none while it ends; before its exec it shows the program's own.
func (a *admitter) environ(pid int) string {
	q := a.known[pid]
	a.seen(pid)
	p, _ := a.k.Process(pid)
	word := strings.Join(a.c.Result, " ")
	if word == "none" || word == "empty" || p.Spawn != 0 && !q.family.result {
		return a.recorded()
	}
	if q.guessed && !q.family.invokes(word) {
		f := a.familyOf(func(f *family) bool { return f.invokes(word) })
		if f == nil {
			return as(nil, "none") + ", as no start had that word"
		}
		if !a.dry {
			q.family = f
		}
		return a.recorded()
	}
	if q.family.invokes(word) {
		return a.recorded()
	}
	return as(nil, q.family.invocation)
}

func (a *admitter) cgroup(pid int, file string) string {
	a.seen(pid)
	text, err := a.k.ReadFile("/proc/" + strconv.Itoa(pid) + "/cgroup")
	facts := a.names.Facts(file, text)
	if len(facts) == 1 && len(a.c.Result) == 1 && (a.known[pid].guessed || facts[0] == "none") {
		return a.recorded()
	}
	return as(err, facts...)
}

// procDir lists processes: the program's own children are among them until it
// reaps them. All others come and go.
func (a *admitter) procDir(inside string) string {
	if a.c.Err != 0 || inside != "" {
		name, _, _ := strings.Cut(inside, "/")
		if pid := a.number(name); a.c.Err == syscall.ENOENT && a.descends(pid) && !strings.Contains(inside, "/") {
			return a.hidden(pid, "")
		}
		return a.recorded()
	}
	listed := a.listings[a.i]
	for _, p := range a.k.Processes() {
		switch q := a.known[p.Pid]; {
		case q == nil || p.Pid > a.last:
		case listed[a.name(p.Pid)]:
			a.seen(p.Pid)
		case q.born >= a.firsts[a.i]: // born while the list was made
		case !a.vanish(p.Pid):
			return "= with " + a.name(p.Pid)
		}
	}
	return a.recorded()
}
