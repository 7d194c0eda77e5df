package fakesys

import (
	"fmt"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/puppet"
	"github.com/gosv/gosv/sys"
)

// start is one request of Spawn on its way.
type start struct {
	kernel   *Kernel
	req      sys.SpawnRequest
	child    *process
	out, err *stream
	next     *event // the exec, while it has not happened
	aborted  bool
	over     bool // it has its result
	drained  bool // Spawned has returned it
}

// finished stands for every start that nothing can be done with any more, so
// that a long run does not keep them all.
var finished = &start{over: true, drained: true}

// retire forgets a start whose process is reaped, or that failed.
func (s *start) retire() {
	if s.over && s.drained && s.out.ended() && s.err.ended() {
		s.kernel.starts[s.req.ID] = finished
	}
}

// maxArg is the limit of one argument or variable (MAX_ARG_STRLEN).
const maxArg = 128 << 10

// Spawn begins a start. The fork comes after a latency, the exec after another,
// and both may fail.
func (k *Kernel) Spawn(req sys.SpawnRequest) {
	k.call()
	if _, used := k.starts[req.ID]; used {
		panic(fmt.Sprintf("fakesys: spawn ID %d is used a second time", req.ID))
	}
	s := &start{kernel: k, req: req}
	k.starts[req.ID] = s
	k.after(s.latency(), "fork", s.fork)
	k.done(OpSpawn, int(req.ID), 0, req.Path, nil)
}

func (s *start) latency() time.Duration {
	k := s.kernel
	return (k.opt.SpawnLatency/2)<<k.choose("spawn latency", 4) + k.faults.slow(k.World)
}

// Abort kills the child of a start that is not over, or the child to come.
func (k *Kernel) Abort(id sys.SpawnID) {
	k.call()
	s := k.started(id, OpAbort)
	if !s.over {
		s.aborted = true
		if s.child != nil {
			s.kill()
		}
	}
	k.done(OpAbort, int(id), 0, "", nil)
}

func (k *Kernel) started(id sys.SpawnID, op Op) *start {
	s := k.starts[id]
	if s == nil {
		panic(fmt.Sprintf("fakesys: %v of spawn ID %d, which was never given", op, id))
	}
	return s
}

// CloseOutput ends the capture of a start's output.
func (k *Kernel) CloseOutput(id sys.SpawnID) {
	k.call()
	s := k.started(id, OpCloseOutput)
	s.out.finish()
	s.err.finish()
	k.done(OpCloseOutput, int(id), 0, "", nil)
}

// Spawned drains the results. The exit of a child that is dead already is told
// from now on.
func (k *Kernel) Spawned() []sys.SpawnResult {
	k.call()
	results := k.spawned
	k.spawned = nil
	for i := range results {
		s := k.starts[results[i].ID]
		s.drained = true
		if s.child != nil && s.child.dead && results[i].Err == nil {
			k.childEnded(s.child)
		}
		if results[i].Err != nil {
			s.retire()
		}
	}
	k.done(OpSpawned, len(results), 0, "", nil)
	return results
}

// fork makes the child: everything up to clone(2).
func (s *start) fork() {
	k := s.kernel
	if k.dead() {
		return
	}
	if fail := s.prepare(); fail != nil {
		s.fail(fail)
		return
	}
	pid, ok := k.newPid()
	if !ok {
		s.fail(&sys.SpawnError{Step: sys.StepFork, Path: s.req.Path, Err: syscall.EAGAIN})
		return
	}
	c := &process{pid: pid, pgid: pid, sid: k.self.sid, path: k.self.path, args: k.self.args, env: k.self.env,
		dir: k.self.dir, rss: 1 << 20, tty: k.self.tty, spawn: s}
	s.child = c
	s.connect(c)
	k.insert(c, k.self)
	k.note(k.self.pid, EvFork, pid, k.self.pid, "", 0)
	if g := s.group(); g != nil {
		k.cgroups.join(c, g)
		if s.req.Cgroup != "" && k.cgroups.killedAtBirth(g, k.self.cgroup) {
			k.send(nil, c, syscall.SIGKILL)
		}
	}
	if s.aborted {
		s.kill()
	}
	if !c.signals.fatal {
		s.next = k.after(s.latency(), "exec", s.exec)
	}
}

// prepare does what can fail before the child exists.
func (s *start) prepare() *sys.SpawnError {
	k, req := s.kernel, &s.req
	if k.Descriptors()+1+s.ends() > k.opt.MaxFiles {
		return &sys.SpawnError{Step: sys.StepPrepare, Err: syscall.EMFILE}
	}
	if req.Foreground && k.tty == nil {
		return &sys.SpawnError{Step: sys.StepPrepare, Path: "/dev/tty", Err: syscall.ENXIO}
	}
	if errno, step := k.faults.spawn(k.World, req.Path, req.Cgroup != ""); errno != 0 {
		return &sys.SpawnError{Step: step, Path: s.about(step), Err: errno}
	}
	if req.Cgroup != "" {
		if k.cgroups == nil {
			return &sys.SpawnError{Step: sys.StepCgroup, Path: req.Cgroup, Err: syscall.ENOENT}
		}
		if errno := k.cgroups.spawnInto(req.Cgroup, k.self.cgroup); errno != 0 {
			return &sys.SpawnError{Step: sys.StepCgroup, Path: req.Cgroup, Err: errno}
		}
	}
	if req.Path == "" {
		return &sys.SpawnError{Step: sys.StepLookup, Err: syscall.ENOENT}
	}
	if !strings.Contains(req.Path, "/") {
		if _, errno := k.lookPath(req.Path, s.dir(), req.Env); errno != 0 {
			return &sys.SpawnError{Step: sys.StepLookup, Path: req.Path, Err: errno, Hint: lookupHint(errno)}
		}
	}
	if g := s.group(); g != nil {
		if errno := g.mayFork(1); errno != 0 {
			return &sys.SpawnError{Step: sys.StepFork, Path: req.Path, Err: errno}
		}
	}
	return nil
}

func lookupHint(errno syscall.Errno) string {
	if errno == syscall.EACCES {
		return "it is in PATH, but not executable"
	}
	return "it is not in PATH"
}

// dir is the working directory of the child.
func (s *start) dir() string { return path.Join("/", s.kernel.self.dir, s.req.Dir) }

// about is the thing that a step of this start deals with.
func (s *start) about(step sys.Step) string {
	switch step {
	case sys.StepCgroup:
		return s.req.Cgroup
	case sys.StepChdir:
		return s.req.Dir
	case sys.StepLookup, sys.StepExec, sys.StepFork:
		return s.req.Path
	}
	return ""
}

// ends counts the pipes that the output takes.
func (s *start) ends() (n int) {
	if !s.req.Inherit {
		for _, sink := range []sys.Sink{s.req.Stdout, s.req.Stderr} {
			if sink != nil {
				n++
			}
		}
	}
	return n
}

func (s *start) group() *cgroup {
	if s.req.Cgroup == "" {
		return s.kernel.self.cgroup
	}
	return s.kernel.cgroups.at(s.req.Cgroup)
}

// connect gives the child its descriptors 1 and 2.
func (s *start) connect(c *process) {
	k := s.kernel
	if s.req.Inherit {
		s.out = &stream{world: k.World, console: true}
		s.err = s.out
	} else {
		s.out, s.err = k.newPipe(s.req.Stdout), k.newPipe(s.req.Stderr)
	}
	c.out, c.err = s.out.share(), s.err.share()
}

// exec is the child's way from clone to execve, and its result.
func (s *start) exec() {
	k, c := s.kernel, s.child
	if c.dead || s.over {
		return
	}
	if c.frozen() || c.stopped {
		s.next = nil // goes on when it is thawed
		return
	}
	full, f, fail := s.resolve()
	if fail != nil {
		s.failChild(fail)
		return
	}
	if f.kind == Hanging {
		f.hung = append(f.hung, s)
		return
	}
	if s.req.Foreground {
		k.tty.foreground = c.pid
	}
	c.path, c.env, c.rss = full, s.req.Env, 4<<20
	c.args = append([]string{s.req.Path}, s.req.Args...)
	if s.req.Dir != "" {
		c.dir = s.dir()
	}
	c.frames = []frame{{ops: s.script(full, f)}}
	k.table.version++
	k.note(c.pid, EvExec, c.pid, 0, full, 0)
	k.kick(c)
	s.succeed()
}

// proceed is a turn of a child before its exec: it goes on after a freeze.
func (s *start) proceed() {
	if s.next == nil && !s.over {
		s.next = s.kernel.after(0, "exec", s.exec)
	}
}

// resolve finds the program, from the child's working directory.
func (s *start) resolve() (full string, f *file, fail *sys.SpawnError) {
	k, req := s.kernel, &s.req
	bad := func(step sys.Step, errno syscall.Errno) (string, *file, *sys.SpawnError) {
		fail := &sys.SpawnError{Step: step, Path: s.about(step), Err: errno}
		if step == sys.StepExec {
			fail.Path = full
			if f != nil && f.kind == MissingInterpreter {
				fail.Hint = fmt.Sprintf("its interpreter %q does not exist", missingInterpreter)
			}
		}
		return "", nil, fail
	}
	if req.Dir != "" {
		d, errno := k.lookupFile(s.dir())
		if errno == 0 && !d.dir {
			errno = syscall.ENOTDIR
		}
		if errno != 0 {
			return bad(sys.StepChdir, errno)
		}
	}
	errno := syscall.Errno(0)
	switch full = req.Path; {
	case !strings.Contains(full, "/"):
		if full, errno = k.lookPath(full, s.dir(), req.Env); errno != 0 {
			return bad(sys.StepLookup, errno)
		}
	case !path.IsAbs(full):
		full = path.Join(s.dir(), full)
	}
	if f, errno = k.lookupFile(full); errno != 0 {
		return bad(sys.StepExec, errno)
	}
	for _, words := range [][]string{req.Args, req.Env} {
		for _, word := range words {
			if len(word) >= maxArg {
				return bad(sys.StepExec, syscall.E2BIG)
			}
		}
	}
	if f.dir {
		return bad(sys.StepExec, syscall.EACCES)
	}
	if errno = execErrno[f.kind]; errno != 0 {
		return bad(sys.StepExec, errno)
	}
	return full, f, nil
}

func (s *start) script(full string, f *file) []puppet.Op {
	if full != PuppetPath {
		return f.ops
	}
	if args := s.req.Args; len(args) >= 2 && args[0] == "puppet" {
		if ops, err := s.kernel.parse(args[1]); err == nil {
			return ops
		}
	}
	return s.kernel.script("warn this is no script; exit 2")
}

// kill ends a child that has not come to its exec. One that hangs in a disk
// dies like any other here: execve waits killably.
func (s *start) kill() { s.kernel.send(s.kernel.self, s.child, syscall.SIGKILL) }

// died is the end of a child before its exec: the pipe that reports errors
// closes without a word, as after a success.
func (s *start) died() {
	if !s.over {
		s.kernel.queue.cancel(s.next)
		s.succeed()
	}
}

func (s *start) succeed() {
	k := s.kernel
	s.over = true
	if k.dead() {
		return // the child goes on without it
	}
	s.child.handle = k.open(s.child)
	s.deliver(sys.SpawnResult{ID: s.req.ID, Child: sys.Child{Pid: s.child.pid, Handle: s.child.handle, Born: k.now}})
}

// failChild ends a child whose program could not be executed. Until the Spawner
// has reaped it, a moment later, it is a zombie.
func (s *start) failChild(fail *sys.SpawnError) {
	k, c := s.kernel, s.child
	s.over = true
	k.exit(c, sys.Status{Code: 127})
	delay := [...]time.Duration{0, 100 * time.Microsecond}[k.choose("reap of a failed start", 2)]
	k.after(delay, "reap of a failed start", func() {
		if k.dead() {
			return
		}
		if !c.reaped { // by a gosv that may wait for any child, and did
			k.reap(c)
		}
		s.child = nil
		s.fail(fail)
	})
}

func (s *start) fail(fail *sys.SpawnError) {
	s.over = true
	if s.out == nil && s.err == nil && !s.req.Inherit { // the pipes were not made yet
		for _, sink := range []sys.Sink{s.req.Stdout, s.req.Stderr} {
			if sink != nil {
				sink.Close()
			}
		}
	}
	s.deliver(sys.SpawnResult{ID: s.req.ID, Err: fail})
}

// deliver hands the result over; it may wait a moment, so that a child can run
// and even end before.
func (s *start) deliver(r sys.SpawnResult) {
	k := s.kernel
	delay := [...]time.Duration{0, time.Millisecond}[k.choose("spawn result", 2)]
	k.after(delay, "start has its result", func() {
		if k.dead() {
			return
		}
		errno := syscall.Errno(0)
		if r.Err != nil {
			errno = r.Err.(*sys.SpawnError).Err
		}
		k.note(0, EvSpawned, int(r.ID), r.Child.Pid, "", errno)
		k.spawned = append(k.spawned, r)
		k.wake(sys.WokeSpawn)
	})
}
