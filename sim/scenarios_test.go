package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/gosv/gosv/sim"
)

// seen is what a user sees of a run: each change of state with its instant, to a
// hundredth of a second, and how gosv ended.
func seen(r *Report) string {
	var lines []string
	for _, c := range r.Changes {
		if c.From != c.State.Phase {
			lines = append(lines, fmt.Sprintf("%v %s", c.At.Round(10*time.Millisecond), c.State.Phase))
		}
	}
	end := fmt.Sprintf("end at %v", r.Time.Round(10*time.Millisecond))
	switch res := r.Result; {
	case res.Err != nil:
		end = "refused"
	case len(res.Unkillable) > 0:
		end += ", unkillable: " + fmt.Sprint(res.Unkillable)
	case len(res.Failed) > 0:
		end += ", failed"
	}
	return strings.Join(append(lines, end), ", ")
}

// one is a service with a short grace.
func one(script string, change ...func(*Service)) []Service {
	s := NewService("web", script)
	s.StopTimeout = 3 * time.Second
	for _, f := range change {
		f(&s)
	}
	return []Service{s}
}

// TestWhatAUserSees tells what gosv does in scenarios of the library. The checker
// watches every one: nothing is left, nothing is killed early, nothing runs twice.
func TestWhatAUserSees(t *testing.T) {
	for name, want := range map[string]string{
		"deaf":                   "0s starting, 0s running, 10s stopping, 13s stopped, end at 13s",
		"polite":                 "0s starting, 0s running, 10s stopping, 12s stopped, end at 12s",
		"polite-grouped":         "0s starting, 0s running, 10s stopping, 12s stopped, end at 12s",
		"leftovers":              "0s starting, 0s running, 4s backoff, 5s starting, 5s running, 6s stopping, 9s stopped, end at 9s",
		"siblings":               "0s starting, 0s starting, 0s running, 0s running, 5s stopping, 8s stopped, 20s stopping, 20s stopped, end at 20s",
		"siblings-of-the-last":   "0s starting, 0s running, 10s stopping, 13s stopped, end at 13s",
		"sibling-leftovers":      "0s starting, 0s starting, 0s running, 0s running, 4s backoff, 5s starting, 5s running, 6s stopping, 6s stopping, 6s stopped, 9s stopped, end at 9s",
		"sibling-zombies":        "0s starting, 0s starting, 0s running, 0s running, 30s stopping, 30s stopping, 30s stopped, 30s stopped, end at 30s",
		"traced":                 "0s starting, 0s running, 10s stopping, 13s stopped, end at 13s",
		"traced-deaf":            "0s starting, 0s running, 10s stopping, 13s stopped, end at 13s",
		"traced-failure":         "0s starting, 0s running, 3s backoff, 4s starting, 4s running, 6s stopping, 6.01s stopped, end at 6.01s",
		"escaped":                "0s starting, 0s running, 10s stopping, 13s stopped, end at 13s",
		"escaped-grouped":        "0s starting, 0s running, 10s stopping, 13s stopped, end at 13s",
		"blocked":                "0s starting, 0s running, 10s stopping, end at 18s, unkillable: [web: PID 11 (web)]",
		"half-frozen":            "0s starting, 0s running, 10s stopping, 12s stopped, end at 12s",
		"half-frozen-worker":     "0s starting, 0s running, 10s stopping, 12s stopped, end at 12s",
		"left-its-group":         "0s starting, 0s running, 10s stopping, 12s stopped, end at 12s",
		"left-its-group-stopped": "0s starting, 0s running, 10s stopping, 12s stopped, end at 12s",
		"end-leader-worker":      "0s starting, 0s running, 6s backoff, 7s starting, 7s running, 10s stopping, 13s stopped, end at 13s",
		"term-term":              "0s starting, 0s running, 10s stopping, 11s stopped, end at 11s",
		"term-echo":              "0s starting, 0s running, 10s stopping, 13s stopped, end at 13s",
		"stop-while-starting":    "0s starting, 1s stopping, 2s stopped, end at 10s",
		"start-while-stopping":   "0s starting, 0s running, 10s stopping, 13s starting, 13s running, 20s stopping, 20s stopped, end at 30s",
		"hup":                    "0s starting, 0s running, 10s stopping, 10s stopped, end at 10s",
		"run-hup":                "0s starting, 0s running, 1s stopping, 1s stopped, end at 1s",
		"run-missing":            "0s starting, 0s failed, end at 0s, failed",
		"run-interrupted":        "0s starting, 0s running, 2s backoff, 3s starting, 3s running, 5s failed, end at 5s, failed",
		"run-ends":               "0s starting, 0s running, 2s exited, end at 2s",
		"require-nothing":        "refused",
		"require-bare":           "0s starting, 0s failed, end at 0s, failed",
		"auto-bare":              "0s starting, 0s running, 3m0s stopping, 3m0s stopped, end at 3m0s",
		"refused":                "0s starting, 0s backoff, 1s starting, 1s backoff, 3s starting, 3s backoff, 7s starting, 7s running, 10s stopping, 10s stopped, end at 10s",
		"hanging":                "0s starting, 30s backoff, 31s starting, 40s stopping, 43s stopped, end at 43s",
		"given-up":               "0s starting, 0s running, 0s backoff, 1s starting, 1s running, 1s backoff, 3s starting, 3s running, 3s failed, end at 3s, failed",
		"pid1":                   "0s starting, 0s running, 10s stopping, 10s stopped, end at 10s",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Plan{Library: name}.Scenario()
			require.NoError(t, err)
			assert.Equal(t, want, seen(holds(t, s)))
		})
	}
}
