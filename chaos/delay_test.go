package chaos

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

func TestDelaysAreThoseOfTheDocumentation(t *testing.T) {
	usual := config.Backoff{Initial: time.Second, Factor: 2, Max: time.Minute}
	for n, want := range map[int]time.Duration{1: 1, 2: 2, 3: 4, 6: 32, 7: 60, 8: 60, 5000: 60} {
		least, most := delayRange(usual, n)
		assert.Equal(t, want*time.Second-time.Microsecond, least, "restart %d", n)
		assert.Equal(t, want*time.Second+time.Microsecond, most, "restart %d", n)
	}
	wide := config.Backoff{Initial: 300 * time.Millisecond, Factor: 3, Max: 10 * time.Second, Jitter: 0.5}
	least, most := delayRange(wide, 2)
	assert.Equal(t, 900*time.Millisecond-time.Microsecond, least)
	assert.Equal(t, 1350*time.Millisecond+time.Microsecond, most)
	_, most = delayRange(config.Backoff{Factor: 2, Max: time.Minute}, 3)
	assert.LessOrEqual(t, most, time.Microsecond)
}

// The judge and gosv compute delays separately.
func TestDelaysAgreeWithTheSupervisor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := config.Backoff{
			Initial: time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "initial")),
			Max:     time.Duration(rapid.Int64Range(0, 1<<60).Draw(t, "max")),
			Factor:  rapid.Float64Range(1, 100).Draw(t, "factor"),
			Jitter:  rapid.Float64Range(0, 1).Draw(t, "jitter"),
		}
		b.Max = max(b.Max, b.Initial)
		n := rapid.IntRange(1, 2000).Draw(t, "n")
		least, most := delayRange(b, n)
		rough := time.Duration(float64(b.Max) * 1e-12) // of a long product, at delays of years
		assert.GreaterOrEqual(t, lifecycle.Delay(b, n, 0), least-rough)
		assert.LessOrEqual(t, lifecycle.Delay(b, n, 0), most+rough)
		assert.LessOrEqual(t, least-rough, most)
	})
}

func TestErrorsOfTheMachineAreNotCounted(t *testing.T) {
	for errno, want := range map[syscall.Errno][]int{
		syscall.ETXTBSY: {2}, syscall.EAGAIN: {2}, syscall.ENOMEM: {2}, syscall.EMFILE: {2},
		syscall.ENOENT: {3}, syscall.EACCES: {3}, syscall.ENOEXEC: {3},
		syscall.EBUSY: {3, 2}, 0: {3, 2},
	} {
		s := restartCounter{attempt: 2}
		assert.Equal(t, want, s.afterFailedStart(Event{Step: "exec", Errno: errno}), errno)
	}
	s := restartCounter{attempt: 2}
	assert.Equal(t, []int{3, 2}, s.afterFailedStart(Event{Step: "cgroup", Errno: syscall.EACCES}))
}
