package chaos

import (
	"slices"
	"syscall"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Conclude says what a run came to: what a report shows in one word, and the status
// follows from, is decided here and nowhere else. A crash outweighs everything, and
// then a failure. A pass takes a run that chaos brought to its end.
func Conclude(h History, verdicts []Verdict) Outcome {
	has := func(o Outcome) bool {
		return slices.ContainsFunc(verdicts, func(v Verdict) bool { return v.Outcome == o && (o == Fail || v.Number != optional) })
	}
	switch {
	case h.Crashed():
		return Crashed
	case has(Fail):
		return Fail
	case has(Inconclusive), h.Aborted != "":
		return Inconclusive
	}
	return Pass
}

// optional is the number of the verdict that a run may do without.
const optional = 10

// Crashed tells whether the supervisor ended before it was told to, other than by a
// rule of its own, was ended by a signal when it was told to, or did not end. NopObserver
// knows that of a run that was cut.
func (h History) Crashed() bool {
	return h.Aborted == "" && (h.End.Hung || h.End.killed() || h.End.Early && !h.End.Refused && !h.EndedByItself())
}

// killed: by a signal, and not by that which tells a process to end.
func (e End) killed() bool { return e.Status > 128 && e.Status != 128+int(syscall.SIGTERM) }

// EndedByItself tells whether the supervisor ended by its own rule: no service was
// left to run.
func (h History) EndedByItself() bool {
	over := []string{lifecycle.Failed.String(), lifecycle.Exited.String()}
	for _, svc := range h.Services {
		if !slices.Contains(over, h.lastPhase(svc.Name)) {
			return false
		}
	}
	return h.End.Early && h.End.Status < 128
}
