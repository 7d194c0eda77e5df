package chaos

import (
	"math"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
)

// The judge knows the policy from its documentation, docs/reference/lifecycle.md: a
// supervisor must not be judged by its own arithmetic.

// leastRetry is the least delay after a start that the machine made fail.
const minRetryDelay = 10 * time.Millisecond

// killTime is what SIGKILL may take.
const killTimeout = 5 * time.Second

// delays are the least and the most that restart n in a row may wait, n from 1. Who
// computes otherwise rounds otherwise, by nanoseconds: a microsecond is nobody's fault.
func delayRange(b config.Backoff, n int) (least, most time.Duration) {
	const rounding = time.Microsecond
	d := float64(b.Initial)
	for i := 1; i < n && 0 < d && d < float64(b.Max) && b.Factor > 1; i++ {
		d *= b.Factor
	}
	d = min(d, float64(b.Max))
	return max(0, duration(d)-rounding), duration(d*(1+b.Jitter) + float64(rounding))
}

// duration is as long as a Duration can be, at most.
func duration(ns float64) time.Duration {
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(ns)
}

// Errors of execve(2) and of what comes before it: the machine's are tried again
// without being counted, the program's count like an exit.
var (
	machineErrors = []syscall.Errno{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.ETXTBSY}
	programErrors = []syscall.Errno{syscall.ENOENT, syscall.EACCES, syscall.ENOEXEC, syscall.ENOTDIR, syscall.ELOOP}
)

// afterFailedStart are the counts that a start which failed may leave. Where what it is
// told to have failed of says nothing, both.
func (s *restartCounter) afterFailedStart(outcome string) []int {
	of := func(errnos []syscall.Errno) bool {
		for _, errno := range errnos {
			if strings.HasSuffix(outcome, errno.Error()) {
				return true
			}
		}
		return false
	}
	switch {
	case of(machineErrors):
		return []int{s.attempt}
	case of(programErrors) && strings.Contains(outcome, ": exec "):
		return []int{s.attempt + 1}
	}
	return []int{s.attempt + 1, s.attempt}
}
