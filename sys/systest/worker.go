package systest

import (
	"fmt"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/sys"
)

var workerCases = []testcase{
	{"each job runs once and wakes the loop", jobsRunOnce},
	{"a job may read files and open processes", jobsMayUseFiles},
}

func jobsRunOnce(s *scene) {
	const jobs = 50
	for i := range jobs {
		s.Submit(func(sys.JobKernel) any { return i })
	}
	times := map[any]int{}
	for woke := 0; len(times) < jobs; woke++ {
		s.waitFor(sys.WokeWork)
		for _, r := range s.Finished() {
			times[r]++
		}
	}
	s.pass(aMoment)
	assert.Empty(s, s.Finished(), "a job has a second result")
	for i := range jobs {
		assert.Equal(s, 1, times[i], "results of job %d", i)
	}
}

func jobsMayUseFiles(s *scene) {
	c := s.ready("print ready; sleep forever")
	s.Submit(func(k sys.JobKernel) any {
		h, err := k.OpenPid(c.Pid)
		if err != nil {
			return err
		}
		defer k.Close(h)
		_, err = k.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Pid))
		return err
	})
	s.waitFor(sys.WokeWork)
	assert.Equal(s, []any{nil}, s.Finished())
}
