package admit

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/tracesys"
)

// holding is what a handle of the trace stands for.
type holding struct {
	handle sys.Handle // in the fake; 0: of a stranger
	pid    int
	child  bool // it came with the result of a start
	gone   bool // the process was reaped; its number may be another's
}

func (a *admitter) spawn() string {
	id, err := strconv.ParseUint(strings.TrimPrefix(a.c.Arg(0), "s"), 10, 64)
	if err != nil {
		return "a panic: no start has such a name"
	}
	f := &family{start: a.c.Arg(0), id: sys.SpawnID(id)}
	req := sys.SpawnRequest{ID: f.id, Path: "/usr/bin/puppet"}
	for i := 2; i < len(a.c.Args); i++ {
		switch word := a.c.Args[i]; word {
		case "invocation":
			f.invocation = a.c.Arg(i + 1)
			req.Env = f.env()
			i++
		case "cgroup", "move-in":
			f.group = a.c.Arg(i + 1)
			req.Cgroup, req.MoveIn = f.group, word == "move-in"
			i++
		}
	}
	a.k.Spawn(req)
	a.families = append(a.families, f)
	return as(nil)
}

// failures are the errors that each step of a start may have.
var failures = map[string][]syscall.Errno{
	"prepare": {syscall.ENXIO, syscall.ENOENT, syscall.ENOTTY},
	"fork":    {},
	"cgroup":  {syscall.EBUSY, syscall.EOPNOTSUPP, syscall.EBADF, syscall.ENOENT, syscall.ENODEV, syscall.ENOTDIR},
	"lookup":  {syscall.ENOENT},
	"chdir":   {syscall.ENOENT, syscall.ENOTDIR, syscall.ELOOP, syscall.ENAMETOOLONG},
	"exec": {syscall.ENOENT, syscall.ENOTDIR, syscall.ENOEXEC, syscall.ETXTBSY, syscall.ELOOP, syscall.E2BIG, syscall.EISDIR,
		syscall.ENAMETOOLONG, syscall.EINVAL, syscall.EFAULT},
}

// result makes the fake give a start the recorded result. It gives what is wrong
// with that, "" if nothing.
func (a *admitter) result(r startResult) string {
	f := a.familyOf(func(f *family) bool { return f.start == r.start })
	if f == nil || f.result {
		return "= without " + r.start + ", which was never asked for, or has had its result"
	}
	if r.pid != "" {
		if a.childOf(f) == 0 && !a.born(f) || !a.infer(func() error { return a.hand.Executed(f.id) }) {
			return "= without a child of " + r.start
		}
		f.result = true
		return ""
	}
	trace, err := tracesys.Read(strings.NewReader("gosv trace 1 self P1\n0 0 loop x ! " + r.errno + "\n"))
	if err != nil {
		return "= with an error that has a name"
	}
	errno := trace.Calls[0].Err
	if step, ok := failures[r.step]; !ok || !ofTheMachine(errno) && !slices.Contains(step, errno) {
		return "= without " + r.errno + " for the step " + r.step
	}
	if _, there := a.hand.Members(f.group, false); r.step == "cgroup" && there && (errno == syscall.ENOENT || errno == syscall.ENODEV) {
		return "= without " + r.errno + ": " + f.group + " is there"
	}
	child := a.childOf(f)
	if !a.infer(func() error { return a.hand.Fail(f.id, &sys.SpawnError{Step: sys.Step(r.step), Err: errno}) }) {
		return "= without an error of " + r.start
	}
	delete(a.known, child)
	f.result = true
	return ""
}

func (a *admitter) spawned() string {
	if len(a.c.Result) == 0 {
		return as(nil)
	}
	var list []startResult
	for _, word := range a.c.Result {
		r, ok := parseResult(word)
		if !ok {
			return "= with results of starts"
		}
		if wrong := a.result(r); wrong != "" {
			return wrong
		}
		list = append(list, r)
	}
	for _, r := range a.k.Spawned() {
		a.results[r.ID] = r
	}
	for _, r := range list {
		f := a.familyOf(func(f *family) bool { return f.start == r.start })
		got, ok := a.results[f.id]
		switch {
		case !ok:
			return "= without " + r.start
		case r.pid == "":
			continue
		case got.Child.Pid != a.number(r.pid):
			return "= " + r.start + " with " + a.name(got.Child.Pid)
		case a.handles[r.handle] != holding{}:
			return "= with a new handle"
		}
		a.handles[r.handle] = holding{handle: got.Child.Handle, pid: got.Child.Pid, child: true}
		a.seen(got.Child.Pid)
	}
	return a.recorded()
}

func (a *admitter) abort() string {
	f := a.familyOf(func(f *family) bool { return f.start == a.c.Arg(0) })
	if f == nil {
		return "a panic: the start was never asked for"
	}
	a.k.Abort(f.id)
	return as(nil)
}

func (a *admitter) closeOutput() string {
	f := a.familyOf(func(f *family) bool { return f.start == a.c.Arg(0) })
	if f == nil {
		return "a panic: the start was never asked for"
	}
	a.k.CloseOutput(f.id)
	return as(nil)
}

// exits is a ready list: of what has ended each is told once, sooner or later.
func (a *admitter) exits() string {
	for _, name := range a.c.Result {
		if h := a.handles[name]; h.child {
			a.end(h.pid)
		}
	}
	if len(a.c.Result) > 0 {
		for _, h := range a.k.Exited() {
			a.exited[h] = true
		}
	}
	for _, name := range a.c.Result {
		h := a.handles[name]
		if !h.child || !a.exited[h.handle] {
			return "= without " + name + ", which was told, or is no child, or has not ended"
		}
		delete(a.exited, h.handle)
	}
	return a.recorded()
}

// heldHandle gives what a handle stands for; ok is false for one that is not open.
func (a *admitter) heldHandle() (h holding, ok bool) {
	h, ok = a.handles[a.c.Arg(0)]
	return h, ok
}

const notOpen = "a panic: the handle is not open"

func (a *admitter) peek() string { return a.waited(a.k.Peek) }
func (a *admitter) reap() string { return a.waited(a.k.Reap) }

func (a *admitter) waited(wait func(sys.Handle) (sys.Status, bool, error)) string {
	h, ok := a.heldHandle()
	switch {
	case !ok:
		return notOpen
	case h.handle == 0:
		return as(syscall.ECHILD)
	}
	if st, ended := tracesys.Status(a.c.Result); ended && a.c.Err == 0 {
		if !h.gone {
			a.endAs(h.pid, st)
		}
	}
	st, ended, err := wait(h.handle)
	if a.c.Op == "reap" && ended {
		a.forget(h.pid)
	}
	return as(err, tracesys.Ending(st, ended)...)
}

func (a *admitter) stopped() string {
	h, ok := a.heldHandle()
	switch {
	case !ok:
		return notOpen
	case h.handle == 0:
		return as(syscall.ECHILD)
	case a.c.Err == syscall.ECHILD && !h.gone:
		a.end(h.pid) // a zombie is nobody who may stop
	case len(a.c.Result) == 1:
		if sig, ok := signame.Parse(a.c.Result[0]); ok {
			a.infer(func() error { return a.hand.Stop(h.pid, sig) })
		}
	}
	sig, stopped, err := a.k.Stopped(h.handle)
	if !stopped {
		return as(err)
	}
	return as(err, signame.Name(sig))
}

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
	pid, st, exists, err := a.k.PeekOrphan()
	switch {
	case pid != 0:
		return as(err, append([]string{a.name(pid)}, tracesys.Ending(st, true)...)...)
	case exists && a.c.Result[0] == "none":
		return as(err, "lives")
	}
	return a.recorded() // that a child may exist is never certain
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
		return invocation != "" && f.invocation == invocation || group != "" && within(f.group, group)
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
	st, err := a.k.ReapOrphan(pid)
	if err == nil {
		a.forget(pid)
	}
	return as(err, tracesys.Ending(st, true)...)
}

func (a *admitter) wait() string {
	if slices.Contains(a.c.Result, "deadline") {
		until, err := time.ParseDuration(a.c.Arg(0) + "s")
		if err != nil || a.c.End() < until-2*time.Microsecond {
			return "= without deadline, which has not come"
		}
	}
	return a.recorded()
}

func (a *admitter) draw() string {
	n, err1 := strconv.Atoi(a.c.Arg(1))
	v, err2 := strconv.Atoi(strings.Join(a.c.Result, " "))
	if err1 != nil || err2 != nil || v < 0 || v >= n {
		return "= a number from 0 to less than " + a.c.Arg(1)
	}
	return a.recorded()
}

// signals come from anybody at any time, but not CHLD, and not what nobody
// receives.
func (a *admitter) signals() string {
	for i, name := range a.c.Result {
		sig, ok := signame.Parse(name)
		if !ok || sig == syscall.SIGCHLD || sig == syscall.SIGKILL || sig == syscall.SIGSTOP || slices.Contains(a.c.Result[:i], name) {
			return "= without " + name
		}
	}
	return a.recorded()
}

func (a *admitter) subreaper() string { return as(a.k.BecomeSubreaper()) }
