//go:build amd64 || arm64

package linux

import (
	"sync"

	"github.com/gosv/gosv/sys"
)

// jobs is work outside the loop, and its results.
type jobs struct {
	mu       sync.Mutex
	finished []any
}

// Submit implements sys.Worker.
func (k *Kernel) Submit(job sys.Job) {
	k.pool.run(func(*worker) {
		result := job(k)
		k.jobs.mu.Lock()
		defer k.jobs.mu.Unlock()
		k.jobs.finished = append(k.jobs.finished, result)
		k.wake(sys.WokeWork)
	})
}

// Finished implements sys.Worker.
func (k *Kernel) Finished() []any {
	k.jobs.mu.Lock()
	defer k.jobs.mu.Unlock()
	done := k.jobs.finished
	k.jobs.finished = nil
	return done
}
