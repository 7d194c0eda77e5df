package admit

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// foreign tells whether a directory may come and go, and be populated, by what
// others do: it is none of the program's, nor below one, unless a process lived
// there that may have made it.
func (a *admitter) foreign(dir string) bool {
	if a.ours[dir] {
		return false
	}
	for made := range a.ours {
		if within(dir, made) {
			return a.familyOf(func(f *family) bool { return f.group != dir && within(dir, f.group) }) != nil
		}
	}
	return true
}

// is tells whether the fake has a directory.
func (a *admitter) is(dir string) bool {
	_, ok := a.hand.Members(dir, false)
	return ok
}

// mayBe makes a directory exist or not, as the answer needs it, if others can have
// done that.
func (a *admitter) mayBe(dir string, there bool) {
	if a.is(dir) == there || !a.foreign(dir) {
		return
	}
	if there {
		a.infer(func() error { return a.hand.Mkdir(dir) })
	} else {
		a.infer(func() error { return a.hand.Rmdir(dir) })
	}
}

// gone are the two ways to say that a directory is not there: before an open and
// after it.
func gone(errno syscall.Errno) bool { return errno == syscall.ENOENT || errno == syscall.ENODEV }

// asGone is as, but takes ENODEV for ENOENT where that was recorded.
func (a *admitter) asGone(err error, result ...string) string {
	if err == syscall.ENOENT && a.c.Err == syscall.ENODEV {
		return a.recorded()
	}
	return as(err, result...)
}

// unknown tells whether a file is in no cgroup file system that the program has
// found.
func (a *admitter) unknown(file string) bool { return a.mount == "" || !within(file, a.mount) }

func (a *admitter) groupFile(file string) string {
	dir, name := path.Dir(file), path.Base(file)
	a.mayBe(dir, !gone(a.c.Err))
	if !a.is(dir) {
		return a.asGone(syscall.ENOENT)
	}
	switch name {
	case "cgroup.events":
		return a.events(dir, file)
	case "cgroup.procs":
		return a.procs(dir, file)
	}
	if a.c.Err == syscall.ENOENT && !strings.HasPrefix(name, "cgroup.") {
		return a.recorded() // the controller is not there
	}
	if gone(a.c.Err) {
		return "= its text, as the group is there"
	}
	return a.recorded()
}

// events compares whether a group is populated. Freezing is anybody's right.
func (a *admitter) events(dir, file string) string {
	if gone(a.c.Err) {
		return "= its text, as the group is there"
	}
	if len(a.c.Result) != 4 {
		return a.recorded()
	}
	recorded := a.c.Result[1]
	switch {
	case recorded == "1" && a.foreign(dir):
		return a.recorded()
	case recorded == "1" && !a.hand.Populated(dir):
		a.enliven(dir)
	case recorded == "0":
		a.empty(dir)
	}
	text, err := a.k.ReadFile(file)
	facts := a.names.Facts(file, text)
	if len(facts) == 4 {
		facts[3] = a.c.Result[3]
	}
	return as(err, facts...)
}

// empty lets everybody leave a directory and what is below it.
func (a *admitter) empty(dir string) {
	pids, _ := a.hand.Members(dir, true)
	for _, pid := range pids {
		if pid != a.k.Pid() {
			a.leaveGroup(pid)
		}
	}
	if !a.hand.Populated(dir) {
		a.emptied(dir)
	}
}

// procs compares the members of a group. In a group of others there may be
// strangers.
func (a *admitter) procs(dir, file string) string {
	if gone(a.c.Err) {
		return "= its members, as the group is there"
	}
	for _, name := range a.c.Result { // born before those end who may have made them
		if pid := a.number(name); pid != 0 && pid != a.k.Pid() && (!a.foreign(dir) || a.descends(pid)) {
			a.joins(name, dir)
		}
	}
	pids, _ := a.hand.Members(dir, false)
	for _, pid := range pids {
		if pid != a.k.Pid() && !slices.Contains(a.c.Result, a.name(pid)) {
			a.leaveGroup(pid)
		}
	}
	text, err := a.k.ReadFile(file)
	members := a.names.Facts(file, text)
	for _, name := range a.c.Result {
		a.seen(a.number(name))
		if a.foreign(dir) && !a.descends(a.number(name)) && name != a.name(a.k.Pid()) {
			members = append(members, name)
		}
	}
	slices.SortFunc(members, byNumber)
	shown := slices.SortedFunc(slices.Values(a.c.Result), byNumber)
	if err == nil && slices.Equal(members, shown) {
		return a.recorded()
	}
	return as(err, members...)
}

func byNumber(x, y string) int {
	m, _ := strconv.Atoi(strings.TrimPrefix(x, "P"))
	n, _ := strconv.Atoi(strings.TrimPrefix(y, "P"))
	return m - n
}

// joins makes a process a member of a group: it was born there, or the group in
// which it was taken to be was guessed.
func (a *admitter) joins(name, dir string) {
	pid := a.number(name)
	if !a.lives(pid) {
		a.appear(name, dir, nil, 0)
		return
	}
	p, _ := a.k.Process(pid)
	pids, _ := a.hand.Members(dir, false)
	q := a.known[pid]
	if q != nil && !slices.Contains(pids, pid) && (q.guessed && p.Spawn == 0 || p.Spawn != 0 && !q.family.result) {
		a.infer(func() error { return a.hand.Join(pid, dir) })
	}
}

func (a *admitter) writeFile() string {
	file, text := a.c.Arg(0), a.c.Arg(1)
	if a.unknown(file) {
		return a.recorded()
	}
	dir, name := path.Dir(file), path.Base(file)
	if name != "cgroup.subtree_control" || !gone(a.c.Err) { // there it is the controller that is not
		a.mayBe(dir, !gone(a.c.Err))
	}
	if !a.is(dir) {
		return a.asGone(syscall.ENOENT)
	}
	switch name {
	case "cgroup.procs":
		pid := a.number(text)
		if a.c.Err == syscall.ESRCH && a.descends(pid) {
			a.end(pid)
			a.vanish(pid)
			if a.hand.Ended(pid) {
				return a.recorded()
			}
		}
		if pid != a.k.Pid() && !a.descends(pid) {
			return a.recorded()
		}
		text = strconv.Itoa(pid)
	case "cgroup.kill", "cgroup.freeze":
	case "cgroup.subtree_control":
		if slices.ContainsFunc(strings.Fields(text), func(word string) bool { return !modelled(word[1:]) }) {
			return a.recorded()
		}
		if a.c.Err == syscall.EBUSY && strings.HasPrefix(text, "-") && a.foreign(dir) {
			return a.recorded() // a group beside the program's needs it
		}
	default:
		if gone(a.c.Err) && strings.HasPrefix(name, "cgroup.") {
			return "= success, as the group is there"
		}
		return a.recorded()
	}
	return a.asGone(a.k.WriteFile(file, []byte(text)))
}
