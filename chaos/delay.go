package chaos

import (
	"math"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
)

// The judge implements the policy from its documentation, docs/reference/lifecycle.md: a
// supervisor must not be judged by its own arithmetic.

// minRetryDelay is the shortest delay after a start that the machine made fail.
const minRetryDelay = 10 * time.Millisecond

// killTimeout is how long a process may take to end after SIGKILL.
const killTimeout = 5 * time.Second

// delayRange returns the shortest and the longest delay of restart n in a row, n from 1.
// It allows a microsecond for rounding.
func delayRange(b config.Backoff, n int) (least, most time.Duration) {
	const rounding = time.Microsecond
	d := float64(b.Initial)
	for i := 1; i < n && 0 < d && d < float64(b.Max) && b.Factor > 1; i++ {
		d *= b.Factor
	}
	d = min(d, float64(b.Max))
	return max(0, duration(d)-rounding), duration(d*(1+b.Jitter) + float64(rounding))
}

// duration converts nanoseconds, up to the longest possible Duration.
func duration(ns float64) time.Duration {
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(ns)
}

// Errors of a start, execve(2) included: after those of the machine the start is
// repeated and not counted; those of the program count like an exit.
var (
	machineErrors = []syscall.Errno{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.ETXTBSY}
	programErrors = []syscall.Errno{syscall.ENOENT, syscall.EACCES, syscall.ENOEXEC, syscall.ENOTDIR, syscall.ELOOP}
)

// execStep is the step of a start that executes the program.
const execStep = "exec"

// afterFailedStart returns the counts of restarts in a row that are possible after a
// start failed. If it is not known whether the error counts, both are.
func (s *restartCounter) afterFailedStart(e Event) []int {
	switch {
	case slices.Contains(machineErrors, e.Errno):
		return []int{s.attempt}
	case slices.Contains(programErrors, e.Errno) && e.Step == execStep:
		return []int{s.attempt + 1}
	}
	return []int{s.attempt + 1, s.attempt}
}
