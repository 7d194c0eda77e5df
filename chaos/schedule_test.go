package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
)

func TestFailedStartIsPartOfTheSchedule(t *testing.T) {
	h := withFailedStart()
	for _, v := range chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[:9] {
		assert.Equal(t, chaos.Pass, v.Outcome, "%d %s: %q", v.Number, v.Name, v.Evidence)
	}
	assert.Equal(t, []time.Duration{6 * ms, 6 * ms}, h.Recoveries()[0].Times, "both delays are scheduled")
	for name, spoil := range map[string]func(*chaos.History){
		"a start that fails too late":      func(h *chaos.History) { h.Events[6].At = 2290 * ms },
		"a start that fails too early":     func(h *chaos.History) { h.Events[6].At = 2090 * ms },
		"a wrong delay after it":           func(h *chaos.History) { h.Events[6].Delay = 100 * ms },
		"a replacement before both delays": func(h *chaos.History) { h.Processes[1].FirstSeen = 2250 * ms },
	} {
		h := withFailedStart()
		spoil(&h)
		assert.Equal(t, chaos.Fail, judge(h)[4], name)
	}
}

func TestRetryIsPartOfTheSchedule(t *testing.T) {
	retried := func(delay time.Duration) chaos.History {
		h := withFailedStart()
		h.Events[6].Attempt, h.Events[6].Delay = 1, delay
		h.Events[7].At, h.Events[8].At, h.Processes[1].FirstSeen = h.Events[6].At+delay, h.Events[6].At+delay+2*ms, h.Events[6].At+delay+3*ms
		for i := range h.Events[7:12] {
			h.Events[7+i].Attempt--
		}
		h.Events[9].Delay = 200 * ms
		for i := range h.Events[10:12] {
			h.Events[10+i].At -= 200 * ms
		}
		h.Processes[2].FirstSeen -= 200 * ms
		return h
	}
	h := retried(200 * ms)
	assert.Equal(t, chaos.Pass, judge(h)[4], "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[3].Evidence)
	assert.Equal(t, chaos.Fail, judge(retried(100 * ms))[4], "the delay of the restart itself")

	atOnce := func(delay time.Duration) chaos.History {
		h := retried(delay)
		h.Services[0].Backoff.Initial = 0
		h.Events[4].Delay, h.Events[9].Delay = 0, 0
		h.Events[5].At, h.Events[6].At = 2002*ms, 2003*ms
		h.Events[7].At, h.Events[8].At, h.Processes[1].FirstSeen = 2003*ms+delay, 2004*ms+delay, 2005*ms+delay
		h.Events[10].At, h.Events[11].At, h.Processes[2].FirstSeen = 3002*ms, 3003*ms, 3004*ms
		return h
	}
	h = atOnce(10 * ms)
	assert.Equal(t, chaos.Pass, judge(h)[4], "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[3].Evidence)
	assert.Equal(t, chaos.Fail, judge(atOnce(0))[4], "a busy loop")
}

func TestRepeatedStartIsNoRestart(t *testing.T) {
	h := withFailedStart()
	for i := range h.Events {
		if e := &h.Events[i]; e.Service == "web" && i > 6 {
			e.Restarts--
		}
	}
	assert.Equal(t, chaos.Pass, judge(h)[2], "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[1].Evidence)
	h = healthy()
	h.Events[5].Restarts, h.Events[6].Restarts, h.Events[7].Restarts = 0, 0, 0
	assert.Equal(t, chaos.Fail, judge(h)[2], "a restart after an exit counts")
}
