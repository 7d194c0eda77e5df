package lifecycle_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	. "github.com/gosv/gosv/supervisor/lifecycle"
)

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		Outcome
		code    int
		success bool
		text    string
	}{
		{Outcome{}, 0, false, "nothing yet"},
		{Outcome{Cause: ByExit}, 0, true, "exit status 0"},
		{Outcome{Cause: ByExit, Code: 3}, 3, false, "exit status 3"},
		{Outcome{Cause: BySignal, Signal: syscall.SIGTERM}, 143, false, "killed by SIGTERM"},
		{Outcome{Cause: BySignal, Signal: syscall.SIGSEGV, Core: true}, 139, false, "killed by SIGSEGV (core dumped)"},
		{Outcome{Cause: BySignal, Signal: syscall.SIGKILL, OOM: true}, 137, false, "killed by SIGKILL (out of memory)"},
		{Outcome{Cause: StartFailed, Code: 127, Err: "there is none"}, 127, false, "there is none"},
		{Outcome{Cause: StartTimeout, Err: "it hangs"}, 126, false, "it hangs"},
		{Outcome{Cause: Unknown}, 1, false, "status unknown"},
	} {
		assert.Equal(t, c.code, c.ExitCode(), c.text)
		assert.Equal(t, c.success, c.Success(), c.text)
		assert.Equal(t, c.text, c.String())
	}
}

func TestEndedAndAtRest(t *testing.T) {
	for _, c := range []struct {
		phase                          Phase
		ended, atRest, occupied, stuck bool // the last two: atRest if something lives, and if that cannot be killed
	}{
		{Stopped, false, true, false, true},
		{Starting, false, false, false, false},
		{Running, false, false, false, false},
		{Backoff, false, false, false, false},
		{Stopping, false, false, false, true},
		{Exited, true, true, false, true},
		{Failed, true, true, false, true},
	} {
		assert.Equal(t, c.ended, State{Phase: c.phase}.Ended(), "%v", c.phase)
		assert.Equal(t, c.atRest, State{Phase: c.phase}.AtRest(), "%v", c.phase)
		assert.Equal(t, c.occupied, State{Phase: c.phase, Occupied: true}.AtRest(), "%v", c.phase)
		assert.Equal(t, c.stuck, State{Phase: c.phase, Occupied: true, Stuck: true}.AtRest(), "%v", c.phase)
	}
}
