package linux

import (
	"sync"

	"github.com/gosv/gosv/sys"
)

// maxJobs run at a time, so that one that hangs in /proc delays no other.
const maxJobs = 8

// jobs runs work outside the loop; idle, it has no goroutine.
type jobs struct {
	mu       sync.Mutex
	running  int
	waiting  []sys.Job
	finished []any
}

// Submit implements sys.Worker.
func (k *Kernel) Submit(job sys.Job) {
	j := &k.jobs
	j.mu.Lock()
	defer j.mu.Unlock()
	j.waiting = append(j.waiting, job)
	if j.running < maxJobs {
		j.running++
		go k.work()
	}
}

func (k *Kernel) work() {
	j := &k.jobs
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.waiting) > 0 {
		job := j.waiting[0]
		j.waiting = j.waiting[1:]
		j.mu.Unlock()
		result := job()
		j.mu.Lock()
		j.finished = append(j.finished, result)
		k.wake(sys.WokeWork)
	}
	j.running--
}

// Finished implements sys.Worker.
func (k *Kernel) Finished() []any {
	k.jobs.mu.Lock()
	defer k.jobs.mu.Unlock()
	done := k.jobs.finished
	k.jobs.finished = nil
	return done
}
