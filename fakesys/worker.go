package fakesys

import (
	"time"

	"github.com/gosv/gosv/sys"
)

// Submit runs a job later: soon, or by choice some time after.
func (k *Kernel) Submit(job sys.Job) {
	k.call()
	delay := [...]time.Duration{0, 50 * time.Microsecond, time.Millisecond, 20 * time.Millisecond}[k.choose("job latency", 4)]
	k.after(delay, "job", func() {
		if k.dead() {
			return
		}
		k.finished = append(k.finished, job())
		k.wake(sys.WokeWork)
	})
	k.done(OpSubmit, 0, 0, "", nil)
}

// Finished drains the results of jobs.
func (k *Kernel) Finished() []any {
	k.call()
	results := k.finished
	k.finished = nil
	k.done(OpFinished, len(results), 0, "", nil)
	return results
}
