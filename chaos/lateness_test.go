package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
)

func TestOnlyABusyMachineExcusesLateness(t *testing.T) {
	for name, c := range map[string]struct {
		delays []chaos.Interval
		want   chaos.Outcome
	}{
		"an idle machine":          {nil, chaos.Fail},
		"busy while it was due":    {[]chaos.Interval{{From: 2110 * ms, To: 2250 * ms}}, chaos.Pass},
		"in two parts":             {[]chaos.Interval{{From: 2000 * ms, To: 2160 * ms}, {From: 2230 * ms, To: 2400 * ms}}, chaos.Pass},
		"busy before it was due":   {[]chaos.Interval{{From: 1500 * ms, To: 2100 * ms}}, chaos.Fail},
		"busy afterwards":          {[]chaos.Interval{{From: 2310 * ms, To: 3000 * ms}}, chaos.Fail},
		"not busy for long enough": {[]chaos.Interval{{From: 2110 * ms, To: 2190 * ms}}, chaos.Fail},
	} {
		h := late()
		h.SchedDelays = c.delays
		assert.Equal(t, c.want, judge(h)[4], name)
	}
}

func TestManyShortSchedDelaysDoNotExcuseALongDelay(t *testing.T) {
	h := late()
	h.Events[6].At += 100 * ms
	h.Processes[1].FirstSeen += 100 * ms
	for at := time.Duration(0); at < 6*time.Second; at += 10 * ms {
		h.SchedDelays = append(h.SchedDelays, chaos.Interval{From: at, To: at + 5*ms})
	}
	assert.Equal(t, chaos.Fail, judge(h)[4])
}

func TestExcuseIsShownAndLimited(t *testing.T) {
	late := func(by time.Duration) chaos.Verdict {
		h := killed(policy(), 500*ms, 5*time.Second)
		shift(&h, h.Events[4].At, by)
		h.SchedDelays = []chaos.Interval{{From: h.Events[4].At - by, To: h.Events[4].At}}
		return chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[3]
	}
	v := late(300 * ms)
	assert.Equal(t, chaos.Pass, v.Outcome, "%q", v.Evidence)
	assert.Contains(t, v.Evidence[0], "the machine explains 300ms")
	v = late(3 * time.Second)
	assert.Equal(t, chaos.Inconclusive, v.Outcome)
	assert.Contains(t, v.Evidence[0], "at most 2s is excused")
	assert.NotContains(t, late(50 * ms).Evidence[0], "the machine explains")
}

func TestStoppedSupervisorMayBeLate(t *testing.T) {
	for _, c := range []struct {
		name string
		stop chaos.Injection
		want chaos.Outcome
	}{
		{"over the time when it was due", stalled(2050*ms, 2390*ms), chaos.Pass},
		{"never undone", stalled(2050*ms, 0), chaos.Pass},
		{"since before the fault", stalled(1900*ms, 2390*ms), chaos.Pass},
		{"not long enough", stalled(2050*ms, 2100*ms), chaos.Fail},
		{"too early", stalled(1500*ms, 2000*ms), chaos.Fail},
		{"too late", stalled(2500*ms, 2900*ms), chaos.Fail},
	} {
		h := healthy()
		h.Events[6].At, h.Processes[1].FirstSeen = 2404*ms, 2405*ms
		require.Equal(t, chaos.Fail, judge(h)[4])
		h.Injections = append(h.Injections, c.stop)
		assert.Equal(t, c.want, judge(h)[4], c.name)
	}
}

func TestFailedStartMayBeLateOnABusyMachine(t *testing.T) {
	h := withFailedStart()
	for i := range h.Events[6:] {
		h.Events[6+i].At += 190 * ms
	}
	for i := range h.Processes[1:3] {
		h.Processes[1+i].FirstSeen += 190 * ms
	}
	h.Processes[1].ExitedAt += 190 * ms
	require.Equal(t, chaos.Fail, judge(h)[4])
	h.SchedDelays = []chaos.Interval{{From: 2150 * ms, To: 2270 * ms}}
	assert.Equal(t, chaos.Pass, judge(h)[4], "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[3].Evidence)
}
