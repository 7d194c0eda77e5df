package admit

import (
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/tracesys"
)

func (a *admitter) spawn() string {
	id, err := strconv.ParseUint(strings.TrimPrefix(a.c.Arg(0), "s"), 10, 64)
	if err != nil {
		return "a panic: no start has such a name"
	}
	f := &family{start: a.c.Arg(0), id: sys.SpawnID(id)}
	req := sys.SpawnRequest{ID: f.id, Path: "/usr/bin/testproc"}
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
	errno := errnoOf(r.errno)
	if step, ok := failures[r.step]; !ok || !ofTheMachine(errno) && !slices.Contains(step, errno) {
		return "= without " + r.errno + " for the step " + r.step
	}
	if _, there := a.hand.Members(f.group, false); r.step == "cgroup" && there && (errno == syscall.ENOENT || errno == syscall.ENODEV) {
		return "= without " + r.errno + ": " + f.group + " is there"
	}
	if !a.fails(f, r.step, errno) {
		return "= without an error of " + r.start
	}
	f.result = true
	return ""
}

// fails lets a start fail. Its child is reaped some time before that is told.
func (a *admitter) fails(f *family, step string, errno syscall.Errno) bool {
	if f.failed {
		return true
	}
	child := a.childOf(f)
	f.failed = a.infer(func() error { return a.hand.Fail(f.id, &sys.SpawnError{Step: sys.Step(step), Err: errno}) })
	if f.failed {
		delete(a.known, child)
	}
	return f.failed
}

// errnoOf reads the name of an errno, 0 for what is none.
func errnoOf(name string) syscall.Errno {
	trace, err := tracesys.Read(strings.NewReader("gosv trace 1 self P1\n0 0 loop x ! " + name + "\n"))
	if err != nil {
		return 0
	}
	return trace.Calls[0].Err
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
