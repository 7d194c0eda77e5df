package fakesys

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// start is one request of Spawn on its way.
type start struct {
	kernel   *Kernel
	req      sys.SpawnRequest
	child    *process
	out, err *stream
	next     *event // the exec, while it has not happened
	delivery *event // the result, while it has not been delivered
	aborted  bool
	apart    bool // the child has descriptors of its own: 0, 1 and 2
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

// Spawn begins a start. The fork comes after a latency, the exec after another,
// and both may fail.
func (k *Kernel) Spawn(req sys.SpawnRequest) {
	k.call()
	if _, used := k.starts[req.ID]; used {
		panic(fmt.Sprintf("fakesys: spawn ID %d is used a second time", req.ID))
	}
	s := &start{kernel: k, req: req}
	k.starts[req.ID] = s
	k.undrained++
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

// CloseOutput ends the capture of a start's output, which begins with its result.
func (k *Kernel) CloseOutput(id sys.SpawnID) {
	k.call()
	if s := k.started(id, OpCloseOutput); s.over {
		s.out.finish()
		s.err.finish()
	}
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
		k.undrained--
		if s.child != nil && s.child.dead && results[i].Err == nil {
			k.Fire(EarlyExit)
			k.childEnded(s.child)
		}
		if results[i].Err != nil {
			s.retire()
		}
	}
	k.done(OpSpawned, len(results), 0, "", nil)
	return results
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
	s.deliver(sys.SpawnResult{ID: s.req.ID, Child: sys.Child{Pid: s.child.pid, Handle: s.child.handle, ExecAt: k.now}})
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
		if c.waitable() && !c.reaped { // by a gosv that may wait for any child, and did
			k.reap(c)
		}
		s.child = nil
		s.fail(fail)
	})
}

func (s *start) fail(fail *sys.SpawnError) {
	s.over = true
	if s.out == nil && s.err == nil && !s.req.Inherit { // the pipes were not made yet
		for _, sink := range s.req.Sinks() {
			sink.Close()
		}
	}
	s.deliver(sys.SpawnResult{ID: s.req.ID, Err: fail})
}

// deliver hands the result over; it may wait a moment, so that a child can run
// and even end before.
func (s *start) deliver(r sys.SpawnResult) {
	k := s.kernel
	delay := [...]time.Duration{0, time.Millisecond}[k.choose("spawn result", 2)]
	s.delivery = k.after(delay, "start has its result", func() {
		if k.dead() {
			return
		}
		if e, failed := r.Err.(*sys.SpawnError); failed {
			k.Fire(spawnFault(e.Step, e.Err))
			k.note(0, EvSpawned, int(r.ID), 0, string(e.Step), e.Err)
		} else {
			k.note(0, EvSpawned, int(r.ID), r.Child.Pid, "", 0)
		}
		k.spawned = append(k.spawned, r)
		k.wake(sys.WokeSpawn)
	})
}
