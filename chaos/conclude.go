package chaos

import (
	"slices"
	"syscall"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Conclude returns the outcome of a run. Reports and the exit status follow from it. A
// crash outweighs everything else, then a failure. Only a complete run passes.
func Conclude(h History, verdicts []Verdict) Outcome {
	has := func(o Outcome) bool {
		return slices.ContainsFunc(verdicts, func(v Verdict) bool { return v.Outcome == o })
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

// Crashed reports whether the supervisor ended before it was asked to, other than by a
// rule of its own, was ended by a signal when it was asked to end, or did not end. For an
// aborted run that is not known.
func (h History) Crashed() bool {
	return h.Aborted == "" && (h.End.Hung || h.End.killed() || h.End.Early && !h.End.Refused && !h.EndedByItself())
}

// killed reports whether a signal ended the supervisor, other than the one that asks it to end.
func (e End) killed() bool { return e.Status > 128 && e.Status != 128+int(syscall.SIGTERM) }

// EndedByItself reports whether the supervisor ended because no service was left to run.
func (h History) EndedByItself() bool {
	over := []string{lifecycle.Failed.String(), lifecycle.Exited.String()}
	for _, svc := range h.Services {
		if !slices.Contains(over, h.lastPhase(svc.Name)) {
			return false
		}
	}
	return h.End.Early && h.End.Status < 128
}
