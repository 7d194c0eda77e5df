package fakesys

import (
	"time"

	"github.com/gosv/gosv/sys"
)

// Submit runs a job soon, or by choice later or never. With Options.Preempt other events
// run during the job.
func (k *Kernel) Submit(job sys.Job) {
	k.call()
	delay := [...]time.Duration{0, 50 * time.Microsecond, time.Millisecond, 20 * time.Millisecond}[k.choose("job latency", 4)]
	if lost, late := k.faults.job(k.World); !lost {
		k.after(delay+late, "job", func() { k.work(job) })
	}
	k.done(OpSubmit, 0, 0, "", nil)
}

func (k *Kernel) work(job sys.Job) {
	if k.dead() {
		return
	}
	k.jobs++
	result := job(k) // does not return if gosv is killed meanwhile
	k.jobs--
	k.finished = append(k.finished, result)
	k.wake(sys.WokeWork)
}

// Finished drains the results of jobs.
func (k *Kernel) Finished() []any {
	k.call()
	results := k.finished
	k.finished = nil
	k.done(OpFinished, len(results), 0, "", nil)
	return results
}
