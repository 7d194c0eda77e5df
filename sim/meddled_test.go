package sim_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos/faultysup"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// evicted is a service whose members a stranger moves out of their cgroup, which
// is then removed.
func evicted(script string, at time.Duration, after ...Action) Scenario {
	return Scenario{
		Machine:  fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}},
		Services: one(script),
		Actions:  append([]Action{{At: at, Interference: Evict, Service: "web"}}, after...),
		EndAt:    2 * time.Minute,
	}
}

// What the generation left had been moved away with it: its cgroup was gone, gosv
// took that for its end, and the next one began beside it.
func TestWhatWasMovedAwayDoesNotOutliveItsMainProcess(t *testing.T) {
	const helpers = "fork {ignore TERM; sleep forever}; fork {setsid; ignore TERM; sleep forever}; daemon {setsid; ignore TERM; sleep forever}; "
	for name, s := range map[string]Scenario{
		"it ends by itself":           evicted(helpers+"sleep 10s; exit 1", time.Second),
		"it ends long after":          evicted(helpers+"sleep 100s; exit 1", time.Second),
		"it is stopped":               evicted(helpers+"sleep forever", time.Second, command(10*time.Second, lifecycle.Stop, "web")),
		"it is stopped, long after":   evicted(helpers+"sleep forever", time.Second, command(100*time.Second, lifecycle.Stop, "web")),
		"it is killed":                evicted(helpers+"sleep forever", time.Second, command(10*time.Second, lifecycle.Kill, "web")),
		"it is restarted while alive": evicted(helpers+"sleep forever", time.Second, command(10*time.Second, lifecycle.Stop, "web"), command(11*time.Second, lifecycle.Start, "web")),
		"gosv ends":                   evicted(helpers+"sleep forever", 2*time.Minute-time.Second),
	} {
		t.Run(name, func(t *testing.T) { holds(t, s) })
	}
}

func TestRuleOneCatchesAGosvThatBelievesAnEmptyCgroup(t *testing.T) {
	s := evicted("fork {setsid; sleep forever}; sleep 10s; exit 1", time.Second)
	holds(t, s)
	s.Plant = between(faultysup.ReportOriginalCgroup)
	r := s.RunTraced(fakesys.Zero{})
	require.NotEmpty(t, r.Violations, "%s", story(s, r, 30))
	assert.Contains(t, r.Violations[0], "invariant 1 ")
}

// A main process may change its cgroup for good reasons, as sudo with pam_systemd and
// container runtimes do: it is left where it is, and stopped there.
func TestAMainProcessThatChangedItsCgroupIsLeftThere(t *testing.T) {
	s := evicted("sleep forever", time.Second)
	r := holds(t, s)
	assert.NotContains(t, r.Trace, `write-file "/sys/fs/cgroup/gosv/web/1/cgroup.procs 12"`+"\n")
}

// That somebody moved a process is said when it was seen elsewhere, and not when gosv
// could not look where it is, or who has its number.
func TestThatAProcessWasMovedIsSaidWhenItIsSeen(t *testing.T) {
	moved := func(meddle func(*fakesys.Kernel)) bool {
		k := grouped(fakesys.Cgroups{}, fakesys.Faults{})
		k.At(500*time.Millisecond, "meddle", func() { meddle(k) })
		return len(reported[supervisor.EscapedCgroup](supervised(k, "daemon {setsid; sleep forever}; sleep 1s; exit 1", time.Minute).events)) > 0
	}
	assert.False(t, moved(func(*fakesys.Kernel) {}))
	assert.False(t, moved(func(k *fakesys.Kernel) {
		k.SetFaults(fakesys.Faults{Calls: []fakesys.CallFault{{Op: fakesys.OpReadFile, Target: "cgroup", Rate: 1, Errnos: []syscall.Errno{syscall.EMFILE}}}})
	}))
	assert.True(t, moved(func(k *fakesys.Kernel) {
		require.NoError(t, k.WriteFile("/sys/fs/cgroup/cgroup.procs", []byte("12")))
	}))
}
