package sim_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/sim/timeline"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// lane is what a lane shows, bars first, as lines of text.
func lane(c timeline.Chart, name string) string {
	var lines []string
	for _, l := range c.Lanes {
		if l.Name != name {
			continue
		}
		for _, b := range l.Bars {
			lines = append(lines, fmt.Sprintf("%v to %v %s", b.From, b.To, b.Label))
		}
		for _, m := range l.Marks {
			lines = append(lines, m.Tip)
		}
	}
	return strings.Join(lines, "\n")
}

func TestTheDrawingShowsWhatHappened(t *testing.T) {
	s := Scenario{
		Machine:  fakesys.Options{Faults: &fakesys.Faults{Calls: []fakesys.CallFault{{Op: fakesys.OpSpawn, Rate: 1, Errnos: []syscall.Errno{syscall.EAGAIN}}}}},
		Services: []Service{NewService("web", Healthy)},
		Actions:  []Action{command(5*time.Second, lifecycle.Stop, "web"), {At: 7 * time.Second, Signal: syscall.SIGTERM}},
		HealAt:   500 * time.Millisecond, EndAt: time.Minute,
	}
	c := holds(t, s).Timeline
	assert.Equal(t, `0s to 0s stopped
0s to 250µs starting
250µs to 1.00025s backoff
1.00025s to 1.00075s starting
1.00075s to 5s running
5s to 5s stopping
5s to 7s stopped
1.00075s: /svc/web is executed as process 11
5s: operator: stop web
5s: SIGTERM to process 11, by gosv
5s: process 11 ends by SIGTERM`, lane(c, "web"))
	assert.Equal(t, "250µs: spawn fails (start-done fork: resource temporarily unavailable)", lane(c, "machine"))
	assert.Contains(t, lane(c, "gosv"), "7s: SIGTERM to gosv")
	assert.Equal(t, []timeline.Mark{{At: 500 * time.Millisecond, Kind: timeline.Event, Tip: "500ms: the faults of the machine stop"}}, c.Marks)
	assert.Equal(t, 7*time.Second, c.End)
}

func TestTheDrawingShowsACrashAndAViolation(t *testing.T) {
	s := Scenario{Services: []Service{NewService("web", Healthy)}, EndAt: 10 * time.Second, Crashes: []int{30}}
	c := s.RunTraced(fakesys.Zero{}).Timeline
	assert.Contains(t, lane(c, "gosv"), "again")

	s = Scenario{Services: []Service{NewService("web", "exit 1")}, EndAt: 10 * time.Minute, Plant: plantedBugs()["starts once too often"].plant}
	c = s.RunTraced(fakesys.Zero{}).Timeline
	last := c.Marks[len(c.Marks)-1]
	assert.Equal(t, timeline.Violation, last.Kind)
	assert.Equal(t, []string{last.Tip}, c.Notes)
	assert.Contains(t, last.Tip, "invariant 6")
}

func TestAFileOfAFailureTellsAllAndPlaysAgain(t *testing.T) {
	s := Scenario{Services: []Service{NewService("web", "exit 1")}, EndAt: 10 * time.Minute, Plant: plantedBugs()["starts once too often"].plant}
	rec, r := RecordScenario(s, fakesys.Zero{})
	text := rec.File("bug.txt", "found by: a test")
	for _, want := range []string{"# broken at " + r.Violations[0], "# found by: a test", "gosv sim --replay bug.txt", "# web  restart=always", "\n{\"", " <- "} {
		assert.Contains(t, text, want)
	}
	secondEndAt, err := ParseRecording(text)
	assert.NoError(t, err)
	assert.Empty(t, secondEndAt.Run().Violations, "the bug is not in the file, and is mended here")
	secondEndAt.Scenario.Plant = s.Plant
	assert.Equal(t, r.Hash, secondEndAt.Run().Hash)
}

// Whatever a shrinker may leave out of a scenario, its text brings back the rest.
func TestEveryGeneratedScenarioIsReadBack(t *testing.T) {
	for seed := range uint64(200) {
		s, choices := FromSeed(seed)
		rec, _ := RecordScenario(s, choices)
		secondEndAt, err := ParseRecording(rec.String())
		assert.NoError(t, err)
		assert.Equal(t, rec.String(), secondEndAt.String(), "seed %d", seed)
	}
}
