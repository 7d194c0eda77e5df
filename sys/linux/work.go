package linux

import (
	"sync"

	"github.com/gosv/gosv/sys"
)

// jobs holds the results of work outside the loop.
type jobs struct {
	mu       sync.Mutex
	finished []any
}

// Submit implements sys.Worker.
func (k *Kernel) Submit(job sys.Job) {
	k.aside.run(func() {
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
