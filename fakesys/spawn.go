package fakesys

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// spawning is a request of Spawn in progress.
type spawning struct {
	kernel         *Kernel
	req            sys.SpawnRequest
	child          *process
	out, err       *stream
	next           *event // the exec, while it has not happened
	delivery       *event // the result, while it has not been delivered
	aborted        bool
	ownDescriptors bool // the child has its own descriptors 0, 1 and 2
	over           bool // it has its result
	drained        bool // Spawned has returned it
}

// finished stands for every request that is finished, so that a long run does not keep
// them all.
var finished = &spawning{over: true, drained: true}

// retire forgets a request that failed or whose process was reaped.
func (s *spawning) retire() {
	if s.over && s.drained && s.out.ended() && s.err.ended() {
		s.kernel.starts[s.req.ID] = finished
	}
}

// Spawn begins to spawn a process. The fork comes after a latency and the exec after
// another one, and both may fail.
func (k *Kernel) Spawn(req sys.SpawnRequest) {
	k.call()
	if _, used := k.starts[req.ID]; used {
		panic(fmt.Sprintf("fakesys: spawn ID %d is used a second time", req.ID))
	}
	s := &spawning{kernel: k, req: req}
	k.starts[req.ID] = s
	k.undrained++
	k.after(s.latency(), "fork", s.fork)
	k.done(OpSpawn, int(req.ID), 0, req.Path, nil)
}

func (s *spawning) latency() time.Duration {
	k := s.kernel
	return (k.opt.SpawnLatency/2)<<k.choose("spawn latency", 4) + k.faults.slow(k.World)
}

// Abort kills the child of a request in progress, now or as soon as it is forked.
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

func (k *Kernel) started(id sys.SpawnID, op Op) *spawning {
	s := k.starts[id]
	if s == nil {
		panic(fmt.Sprintf("fakesys: %v of spawn ID %d, which was never given", op, id))
	}
	return s
}

// CloseOutput ends the capture of a child's output, which begins with the result.
func (k *Kernel) CloseOutput(id sys.SpawnID) {
	k.call()
	if s := k.started(id, OpCloseOutput); s.over {
		s.out.finish()
		s.err.finish()
	}
	k.done(OpCloseOutput, int(id), 0, "", nil)
}

// Spawned drains the results. The exit of a child that is dead already is reported after
// that.
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

// kill kills a child before its exec. A child that hangs in execve dies too, because execve
// waits in a killable state.
func (s *spawning) kill() { s.kernel.send(s.kernel.self, s.child, syscall.SIGKILL) }

// died is the exit of a child before its exec: the pipe that reports errors closes empty,
// as after a success.
func (s *spawning) died() {
	if !s.over {
		s.kernel.queue.cancel(s.next)
		s.succeed()
	}
}

func (s *spawning) succeed() {
	k := s.kernel
	s.over = true
	if k.dead() {
		return // the child continues without gosv
	}
	s.child.handle = k.open(s.child)
	s.deliver(sys.SpawnResult{ID: s.req.ID, Child: sys.Child{Pid: s.child.pid, Handle: s.child.handle, ExecAt: k.now}})
}

// failChild ends a child whose program could not be executed. It is a zombie until the
// Spawner reaps it a moment later.
func (s *spawning) failChild(fail *sys.SpawnError) {
	k, c := s.kernel, s.child
	s.over = true
	k.exit(c, sys.Status{Code: 127})
	delay := [...]time.Duration{0, 100 * time.Microsecond}[k.choose("reap of a failed start", 2)]
	k.after(delay, "reap of a failed start", func() {
		if k.dead() {
			return
		}
		if c.waitable() && !c.reaped { // otherwise gosv has reaped it
			k.reap(c)
		}
		s.child = nil
		s.fail(fail)
	})
}

func (s *spawning) fail(fail *sys.SpawnError) {
	s.over = true
	if s.out == nil && s.err == nil && !s.req.Inherit { // the pipes do not exist yet
		for _, sink := range s.req.Sinks() {
			sink.Close()
		}
	}
	s.deliver(sys.SpawnResult{ID: s.req.ID, Err: fail})
}

// deliver delivers the result, by choice after a delay, so that the child can run and even
// exit before.
func (s *spawning) deliver(r sys.SpawnResult) {
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
