package supervisord_test

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/config"
	testprocs "github.com/gosv/gosv/testproc/live"
	"github.com/gosv/gosv/tools/supervisord"
)

// supervisorPolls is what supervisord may take for each of the steps of a restart:
// it looks for what is due once a second.
const supervisorPolls = 3 * time.Second

const idle = "print ready; sleep forever"

func TestMain(m *testing.M) {
	testprocs.RunIfRequested()
	m.Run()
}

// installed returns the path of supervisord, or skips the test.
func installed(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("supervisord")
	if err != nil {
		t.Skip("supervisord is not installed (on Debian: apt-get install supervisor)")
	}
	return path
}

// daemon gives a supervisord with testprocs.
func daemon(t *testing.T, scripts ...string) *supervisord.Daemon {
	t.Helper()
	d := &supervisord.Daemon{Program: installed(t)}
	for i, script := range scripts {
		path, args := testprocs.Command(script)
		d.Programs = append(d.Programs, supervisord.Service{
			Name: "p" + strconv.Itoa(i), Path: path, Args: args, Restart: config.RestartAlways, StartRetries: 3, StopWait: 10 * time.Second,
		})
	}
	return d
}

// tortured runs a supervisor under count hits.
func tortured(t *testing.T, s live.Supervisor, run string, count int) chaos.History {
	t.Helper()
	var names []string
	for _, svc := range s.Services() {
		names = append(names, svc.Name)
	}
	plan, err := chaos.Generate(chaos.Request{
		Seed: 1, Rates: chaos.Rates{Count: count}, Tick: supervisorPolls, Duration: max(2*supervisorPolls, time.Duration(count)*time.Second), Faults: []string{"kill"}, Services: names,
	})
	require.NoError(t, err)
	h, err := live.Run(context.Background(), live.Options{Supervisor: s, Run: run, Plan: plan})
	require.NoError(t, err, "%s", s.Output())
	return h
}

// answers gives the verdicts by name, with what they rest on for a failure.
func answers(t *testing.T, h chaos.History, slack time.Duration) map[string]chaos.Verdict {
	t.Helper()
	all := map[string]chaos.Verdict{}
	for _, v := range chaos.Judge(h, chaos.Rules{Slack: slack}) {
		all[v.Name] = v
		t.Logf("%2d %-16s %-12s %q", v.Number, v.Name, v.Outcome, v.Evidence)
	}
	return all
}

func TestSupervisordIsJudgedByTheSameVerdicts(t *testing.T) {
	t.Parallel()
	s := daemon(t, idle, idle, "on TERM {print bye; exit 0}; sleep forever")
	h := tortured(t, s, "supervisord-1", 6)
	verdicts := answers(t, h, supervisorPolls)
	for name, v := range verdicts {
		assert.Equal(t, chaos.Pass, v.Outcome, "%s: %q\n%s", name, v.Evidence, s.Output())
	}
	strict := answers(t, h, chaos.DefaultSlack)["schedule"]
	if strict.Outcome == chaos.Pass { // a busy machine excuses it, in as many words
		assert.Contains(t, strings.Join(strict.Evidence, "\n"), "its end was", "it notices an end when it next looks, which is later than gosv may report it")
	}
}

// TestSupervisordLeavesTheChildrenOfAKilledProcess: it waits for the main process
// and signals no other.
func TestSupervisordLeavesTheChildrenOfAKilledProcess(t *testing.T) {
	t.Parallel()
	h := tortured(t, daemon(t, "fork {sleep forever}; sleep forever"), "supervisord-2", 2)
	verdicts := answers(t, h, supervisorPolls)
	left := verdicts["no leaks"]
	assert.Equal(t, chaos.Fail, left.Outcome)
	assert.Contains(t, strings.Join(left.Evidence, "\n"), "of an earlier run of p0")
	assert.Equal(t, chaos.Pass, verdicts["conservation"].Outcome, "%q", verdicts["conservation"].Evidence)
}

// TestStartsecsAreLate: with supervisord's default of a second, running is reported that
// much later than the program was executed, and gosv's slack is not kept.
func TestStartsecsAreLate(t *testing.T) {
	t.Parallel()
	d := daemon(t, idle)
	d.Programs[0].StartSecs = 1
	verdicts := answers(t, tortured(t, d, "supervisord-3", 2), chaos.DefaultSlack)
	assert.NotEqual(t, chaos.Pass, verdicts["schedule"].Outcome, "on a machine that is too busy it is inconclusive")
	assert.Contains(t, strings.Join(verdicts["schedule"].Evidence, "\n"), "its delay was 0s")
}
