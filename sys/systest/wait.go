package systest

import (
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/sys"
)

var waitCases = []testcase{
	{"Wait returns at its deadline and not before", waitKeepsItsDeadline},
	{"Wait returns at once when its deadline has passed", waitWithAPastDeadline},
	{"a Wake before Wait is not lost", wakeBeforeWait},
	{"many Wakes merge into few returns", wakesMerge},
	{"Wait returns for the result of a start", waitForSpawn},
	{"Wait returns for the end of a child", waitForChild},
	{"Wait returns for the end of an orphan", waitForOrphan},
	{"Wait returns for a signal", waitForSignal},
}

// waitFor waits for one reason, and gives it up at the usual limit.
func (s *scene) waitFor(reason sys.Reason) {
	s.Helper()
	limit := s.Now() + patience
	for seen := sys.Reason(0); seen&reason == 0; {
		if s.Now() >= limit {
			s.Fatalf("Wait did not return with reason %b in %v, only with %b", reason, patience, seen)
		}
		seen |= s.Wait(limit)
	}
}

func waitKeepsItsDeadline(s *scene) {
	for _, d := range []time.Duration{0, time.Microsecond, time.Millisecond, 3 * time.Millisecond} {
		until := s.Now() + d
		for range 1000 { // it may return early, without a reason
			woke := s.Wait(until)
			now := s.Now()
			if woke&sys.WokeDeadline != 0 {
				assert.GreaterOrEqual(s, now, until, "the deadline was announced early")
				break
			}
			assert.Less(s, now, until, "the deadline was not announced")
		}
		assert.GreaterOrEqual(s, s.Now(), until, "Wait never came to its deadline")
	}
}

func waitWithAPastDeadline(s *scene) {
	s.pass(time.Millisecond)
	assert.NotZero(s, s.Wait(0)&sys.WokeDeadline)
	assert.NotZero(s, s.Wait(s.Now()-1)&sys.WokeDeadline)
}

func wakeBeforeWait(s *scene) {
	s.Wake()
	assert.NotZero(s, s.Wait(sys.Never)&sys.WokeCommand)
}

func wakesMerge(s *scene) {
	for range 1000 {
		s.Wake()
	}
	times := 0
	for until := s.Now() + aMoment; s.Now() < until; {
		if s.Wait(until)&sys.WokeCommand != 0 {
			times++
		}
	}
	assert.Positive(s, times)
	assert.LessOrEqual(s, times, 2, "1000 Wakes that nobody waited for should have merged")
}

func waitForSpawn(s *scene) {
	r := s.request("sleep forever")
	s.Spawn(r)
	s.waitFor(sys.WokeSpawn)
	s.child(r)
}

func waitForChild(s *scene) {
	c := s.ready("print ready; sleep forever")
	assert.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.waitFor(sys.WokeChild)
	s.end(c)
}

func waitForOrphan(s *scene) {
	c := s.ready("daemon {on TERM {exit 3}; print ready; sleep forever}; exit 0")
	s.reap(c)
	s.await("no further wake of the leader", func() bool { return s.Wait(s.Now()+aMoment)&sys.WokeChild == 0 })
	s.Send(s.orphan(), syscall.SIGTERM)
	s.waitFor(sys.WokeChild)
}

func waitForSignal(s *scene) {
	s.SignalSelf(syscall.SIGUSR1)
	s.waitFor(sys.WokeSignal)
	assert.Equal(s, []syscall.Signal{syscall.SIGUSR1}, s.Signals())
}
