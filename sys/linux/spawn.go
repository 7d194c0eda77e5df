//go:build amd64 || arm64

package linux

import (
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// abortRetry is how soon Abort looks again for a child that clone has not made yet.
const abortRetry = 5 * time.Millisecond

// starts are the requests without a result. Workers do everything that may hang: the
// search of PATH, clone and execve, and the reads that explain a failure.
type starts struct {
	flight map[sys.SpawnID]*start // the loop's

	mu       sync.Mutex
	outcomes []outcome
}

// start is one request on its way.
type start struct {
	k   *Kernel
	req sys.SpawnRequest

	mu      sync.Mutex
	begun   bool // a worker has it
	over    bool // it has its outcome
	aborted bool
	memory  *childMemory // while the child is being made
}

// outcome is the result of a start for the loop.
type outcome struct {
	sys.SpawnResult
	worker *worker   // whose child it is
	zombie sys.Child // one that failed and could not be reaped yet
}

// Spawn implements sys.Spawner.
func (k *Kernel) Spawn(req sys.SpawnRequest) {
	if k.starts.flight[req.ID] != nil {
		panic(fmt.Sprintf("sys/linux: spawn ID %d was used twice", req.ID))
	}
	s := &start{k: k, req: req}
	k.starts.flight[req.ID] = s
	k.pool.run(s.run)
}

// Spawned implements sys.Spawner.
func (k *Kernel) Spawned() []sys.SpawnResult {
	p := &k.starts
	if len(p.flight) == 0 {
		return nil
	}
	p.mu.Lock()
	outcomes := p.outcomes
	p.outcomes = nil
	p.mu.Unlock()
	if len(outcomes) == 0 {
		return nil
	}
	results := make([]sys.SpawnResult, 0, len(outcomes))
	for _, o := range outcomes {
		delete(p.flight, o.ID)
		switch {
		case o.zombie.Handle != 0:
			k.awaitFailedChild(o.zombie, o.worker)
		case o.Err == nil:
			k.adopt(o.Child, o.worker)
		}
		results = append(results, o.SpawnResult)
	}
	return results
}

// Abort implements sys.Spawner. A start whose child was not made yet ends with
// ECANCELED.
func (k *Kernel) Abort(id sys.SpawnID) {
	s := k.starts.flight[id]
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.aborted || s.over {
		return
	}
	s.aborted = true
	if !s.begun {
		s.over = true
		s.deliver(outcome{SpawnResult: sys.SpawnResult{Err: s.canceled()}})
		return
	}
	s.kill()
}

// kill kills the child that is being made, if one is. Called with the lock.
func (s *start) kill() {
	if s.memory == nil || s.memory.kill() {
		return
	}
	time.AfterFunc(abortRetry, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.kill()
	})
}

func (s *start) canceled() *sys.SpawnError {
	return &sys.SpawnError{Step: sys.StepPrepare, Path: s.req.Path, Err: syscall.ECANCELED, Hint: "the start was aborted before the process was made"}
}

// deliver hands the outcome to the next Spawned.
func (s *start) deliver(o outcome) {
	p := &s.k.starts
	o.ID = s.req.ID
	if o.Err != nil {
		s.k.pump.abandon(s.req.Sinks()...)
	}
	p.mu.Lock()
	p.outcomes = append(p.outcomes, o)
	p.mu.Unlock()
	s.k.wake(sys.WokeSpawn)
}
