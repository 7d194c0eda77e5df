package supervisor

import (
	"encoding/json"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

func TestEventsHaveATypeFieldsAndASentence(t *testing.T) {
	for _, c := range []struct {
		e                  Event
		kind, fields, text string
		level              Level
	}{
		{OrphanKilled{PID: 7, Comm: "sh"}, "orphan-killed", `{"comm":"sh","pid":7}`, "killing orphan PID 7 (sh): it belongs to no service", Info},
		{OrphanReaped{PID: 7, Status: sys.Status{Code: 3}}, "orphan-reaped", `{"pid":7,"status":{"Code":3,"Signal":0,"Core":false}}`, "reaped orphan PID 7 (exit status 3)", Debug},
		{SignalFailed{Service: "web", PID: 9, Group: true, Signal: syscall.SIGTERM, Err: syscall.EPERM}, "signal-failed",
			`{"err":"operation not permitted","group":true,"pid":9,"service":"web","signal":"SIGTERM"}`, "cannot send SIGTERM to process group 9: operation not permitted", Warning},
		{StaleKilled{Path: "/sys/fs/cgroup/gosv", PIDs: []int{7}, AllExited: true}, "stale-killed", `{"all_exited":true,"path":"/sys/fs/cgroup/gosv","pids":[7]}`,
			"killed 1 process that a dead gosv left in /sys/fs/cgroup/gosv: PID 7", Warning},
		{ScanHung{}, "scan-hung", `{"pid":0}`, "the scan for leftover processes hangs before its first process", Warning},
		{Unkillable{Service: "web", Waited: 5 * time.Second, Left: Leftover{Service: "web", PIDs: []int{7, 8}}}, "unkillable",
			`{"left":{"Service":"web","PIDs":[7,8],"Group":0,"Spawning":false},"service":"web","waited":"5s"}`, "cannot be killed: still there 5s after SIGKILL: PID 7, 8", Error},
	} {
		assert.Equal(t, c.kind, EventType(c.e))
		fields, err := json.Marshal(EventFields(c.e))
		require.NoError(t, err)
		assert.Equal(t, c.fields, string(fields))
		assert.Equal(t, c.text, c.e.String())
		assert.Equal(t, c.level, c.e.Level())
	}
}

func TestLeftoversNameWhatLives(t *testing.T) {
	for want, l := range map[string]Leftover{
		"orphan PID 13":                    {PIDs: []int{13}},
		"orphans that cannot be found":     {},
		"web: PID 3, 4":                    {Service: "web", PIDs: []int{3, 4}},
		"web: PID 3 (sh)":                  {Service: "web", PIDs: []int{3}, Comm: "sh"},
		"web: its spawn has not finished":  {Service: "web", Spawning: true},
		"web: members of process group 12": {Service: "web", Group: 12},
	} {
		assert.Equal(t, want, l.String())
	}
}

// recorder keeps events.
type recorder struct {
	NopObserver
	events []Event
}

func (r *recorder) Event(_ time.Duration, e Event) { r.events = append(r.events, e) }

func TestTheSameWarningIsReportedOnceAMinute(t *testing.T) {
	var seen recorder
	r := reporter{observer: &seen}
	failed := OrphanReapFailed{PID: 7, Err: syscall.EINVAL}
	r.report(0, failed)
	r.report(repeatAfter-1, failed)
	r.report(repeatAfter-1, OrphanReapFailed{PID: 8, Err: syscall.EINVAL})
	r.report(repeatAfter, failed)
	r.report(repeatAfter, StartRefused{Service: "web"})
	r.report(repeatAfter, StartRefused{Service: "web"})
	assert.Len(t, seen.events, 5, "what is no warning is never held back")
}

func TestWarningsAreForgottenBeforeTheyFillMemory(t *testing.T) {
	r := reporter{observer: &recorder{}}
	for pid := range 3 * maxRemembered {
		r.report(0, OrphanReapFailed{PID: pid, Err: syscall.EINVAL})
	}
	assert.LessOrEqual(t, len(r.last), maxRemembered)
}

func TestAFailureIsFirstUntilASuccess(t *testing.T) {
	var f failing
	for i, c := range []struct {
		err   error
		first bool
	}{{nil, false}, {syscall.EIO, true}, {syscall.EIO, false}, {nil, false}, {syscall.EIO, true}} {
		assert.Equal(t, c.first, f.first(c.err), "call %d", i)
	}
}
