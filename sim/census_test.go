package sim_test

import (
	"maps"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
)

// A process that has left its group forks and ends while gosv looks at all
// processes: it was listed, and its child was not. The restart must wait all the
// same. Which of them runs when is left to chance, in many runs.
func TestAForkDuringALookAtAllProcessesIsNotMissed(t *testing.T) {
	const last = "ignore TERM; sleep forever"
	const chain = "daemon {setsid; sleep 1s; daemon {daemon {daemon {" + last + "}}}}; sleep 1s; exit 1"
	for seed := range uint64(800) {
		s := Scenario{Services: one(chain), Machine: fakesys.Options{Preempt: true}, EndAt: 4 * time.Second}
		r := s.Run(fakesys.FromSeed(seed))
		require.Empty(t, r.Violations, "seed %d", seed)
	}
}

// A start that hangs is no reason to leave orphans unreaped, where none of them
// can be taken for its child.
func TestAnExecThatHangsKeepsNoOrphanFromBeingReaped(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "sleep 1s; daemon {sleep 2s}; sleep forever")
	k.AddFile("/svc/dead", fakesys.Hanging)
	var zombies []fakesys.Process
	looked := false
	k.At(4*time.Second, "look", func() {
		looked = true
		for _, p := range k.Processes() {
			if p.State == 'Z' {
				zombies = append(zombies, p)
			}
		}
		k.SignalSelf(syscall.SIGTERM)
	})
	supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web"), config.NewService("dead", "/svc/dead")}}).Run()
	require.True(t, looked)
	assert.Empty(t, zombies)
}

// Where there is an orphan, be it another service's, gosv looks whether a service has
// left something. The log says that something is killed when something is.
func TestOnlyWhatIsKilledIsSaidToBe(t *testing.T) {
	for name, machine := range map[string]fakesys.Options{
		"without cgroups": {},
		"with cgroups":    {Cgroups: &fakesys.Cgroups{Delegated: "/"}},
	} {
		t.Run(name, func(t *testing.T) { onlyWhatIsKilledIsSaidToBe(t, fakesys.New(machine)) })
	}
}

func onlyWhatIsKilledIsSaidToBe(t *testing.T, k *fakesys.Kernel) {
	services := map[string]string{
		"neighbour": "daemon {setsid; sleep forever}; sleep forever",
		"fails":     "sleep 1s; exit 1",
		"leaves":    "daemon {setsid; sleep forever}; sleep 1s; exit 1",
		"deaf":      "sleep 1s; on TERM {print no}; loop {sleep forever}",
	}
	var all []config.Service
	for _, name := range slices.Sorted(maps.Keys(services)) {
		k.AddProgram("/svc/"+name, services[name])
		all = append(all, config.NewService(name, "/svc/"+name))
	}
	seen := &noticing{}
	s := supervisor.New(supervisor.Options{Kernel: k, Observer: seen, Services: all})
	k.At(1500*time.Millisecond, "end", func() { k.SignalSelf(syscall.SIGTERM) })
	s.Run()
	var killed []string
	for _, e := range reported[supervisor.LeftoversKilled](seen.events) {
		killed = append(killed, e.Service)
	}
	assert.Equal(t, []string{"leaves", "deaf"}, killed)
}

// What has left the group of its service is signalled by itself. That it cannot be is
// said, once for each signal.
func TestASignalThatIsRefusedIsSaid(t *testing.T) {
	for name, complaints := range map[string][]string{
		"it may be signalled":        nil,
		"it belongs to another user": {"cannot send SIGTERM to PID 13: operation not permitted", "cannot send SIGCONT to PID 13: operation not permitted"},
	} {
		t.Run(name, func(t *testing.T) {
			k := grouped(fakesys.Cgroups{}, fakesys.Faults{})
			k.At(time.Second, "setuid", func() {
				if complaints != nil {
					k.ChangeUser(13)
				}
			})
			seen := supervised(k, "on TERM {sleep 1s; exit 0}; fork {setsid; sleep forever}; sleep forever", 2*time.Second)
			assert.Equal(t, complaints, seen.complaints())
		})
	}
}

// A look at all processes that takes long is waited for, and given up when it gets no
// further: then somebody must be told.
func TestALookAtAllProcessesThatHangsIsGivenUp(t *testing.T) {
	for takes, hangs := range map[time.Duration]bool{1900 * time.Millisecond: false, 2100 * time.Millisecond: true} {
		k := fakesys.New(fakesys.Options{Faults: &fakesys.Faults{LateJob: 1, LateJobBy: 10 * takes}}) // a tenth of it, without chance
		seen := supervised(k, "fork {setsid; sleep forever}; sleep 1s; exit 1", time.Minute)
		assert.Equal(t, hangs, slices.Contains(seen.events, supervisor.Event(supervisor.ScanHung{})), "%v: %s", takes, seen.notices)
	}
}

// A process that has cleared its environment, or written over it, is known by its
// group: it has its grace.
func TestAMemberOfTheGroupThatShowsNoWordHasItsGrace(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.At(time.Second, "clearenv", func() { k.SetEnv(12, nil) })
	supervised(k, "fork {ignore TERM; sleep forever}; sleep forever", 2*time.Second)
	assert.Equal(t, 2*time.Second+config.DefaultStopTimeout, k.Now())
}

// jobs counts the looks at all processes.
type jobs struct {
	*fakesys.Kernel
	n int
}

func (j *jobs) Submit(job sys.Job) {
	j.n++
	j.Kernel.Submit(job)
}

// looks is how often gosv looks at all processes while a service runs and ends.
func looks(script string, end time.Duration) (n int, ended time.Duration) {
	k := &jobs{Kernel: fakesys.New(fakesys.Options{})}
	k.AddProgram("/svc/web", script)
	k.At(end, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}}).Run()
	return k.n, k.Now()
}

// While what a service left has its grace it is looked for ever more rarely, at last
// twice a second: a look costs a read for every process of the machine.
func TestWhatIsLeftIsLookedForEverMoreRarely(t *testing.T) {
	n, ended := looks("daemon {setsid; ignore TERM; sleep forever}; sleep forever", 2*time.Second)
	assert.Equal(t, 2*time.Second+config.DefaultStopTimeout, ended.Truncate(time.Second))
	assert.InDelta(t, 26, n, 4)
}

// While all is well nobody looks.
func TestAHealthyServiceIsNotLookedFor(t *testing.T) {
	n, _ := looks("sleep forever", 5*time.Minute)
	assert.Zero(t, n)
}
