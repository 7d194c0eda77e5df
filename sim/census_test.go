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
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// A process that has left its group forks and ends while gosv looks at all
// processes: it was listed, and its child was not. The restart must wait all the
// same. Which of them runs when is left to chance, in many runs.
func TestAForkDuringALookAtAllProcessesIsNotMissed(t *testing.T) {
	const last = "ignore TERM; sleep forever"
	const chain = "daemon {setsid; sleep 1s; daemon {daemon {daemon {" + last + "}}}}; sleep 1s; exit 1"
	for _, apart := range []bool{true, false} {
		for seed := range uint64(400) {
			s := Scenario{Services: one(chain), Machine: fakesys.Options{Preempt: true, OrphanAny: !apart}, EndAt: 4 * time.Second}
			r := s.Run(fakesys.FromSeed(seed))
			require.Empty(t, r.Violations, "seed %d, orphans can be told apart: %v", seed, apart)
		}
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

// late is a service whose start takes long, beside one that has an orphan die
// meanwhile, where orphans cannot be told from children of starts.
type late struct {
	*fakesys.Kernel
	supervisor.NopObserver
	born func()
}

func newLate() *late {
	l := &late{Kernel: fakesys.New(fakesys.Options{OrphanAny: true}), born: func() {}}
	l.AddProgram("/svc/web", "sleep 3s; daemon {sleep 1s}; sleep forever")
	l.AddProgram("/svc/late", "sleep forever")
	return l
}

func (l *late) Changed(c supervisor.Change) {
	if c.Service == "late" && c.State.Phase == lifecycle.Running {
		l.born()
	}
}

// run has the late one started after a second.
func (l *late) run(takes, end time.Duration) {
	services := []config.Service{config.NewService("web", "/svc/web"), config.NewService("late", "/svc/late")}
	s := supervisor.New(supervisor.Options{Kernel: l.Kernel, Observer: l, Services: services})
	say := func(kind lifecycle.Kind) { _ = s.Post(supervisor.Command{Kind: kind, Service: "late"}) }
	say(lifecycle.Stop)
	l.At(time.Second, "start", func() {
		l.SetFaults(fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: takes})
		say(lifecycle.Start)
	})
	l.At(time.Second+time.Millisecond, "heal", func() { l.SetFaults(fakesys.Faults{}) })
	l.At(end, "TERM", func() { l.SignalSelf(syscall.SIGTERM) })
	s.Run()
}

func TestAnOrphanThatDiesDuringAStartIsReapedAfterIt(t *testing.T) {
	l, looked := newLate(), false
	l.born = func() {
		assert.Len(t, zombies(l.Kernel), 1, "it may be the child of the start")
		l.At(l.Now()+time.Millisecond, "look", func() {
			looked = true
			assert.Empty(t, zombies(l.Kernel))
		})
	}
	l.run(6300*time.Millisecond, 10*time.Second)
	assert.True(t, looked)
}

// A start that never comes to its end, though it was given up, does not keep orphans
// from being reaped for ever; but for half a minute they may still be its child.
func TestAStartThatWasGivenUpKeepsNoOrphanFromBeingReaped(t *testing.T) {
	l := newLate()
	var left []int // at two instants
	look := func() { left = append(left, len(zombies(l.Kernel))) }
	l.At(time.Second+config.DefaultStartTimeout+30*time.Second, "look", look)
	l.At(3*time.Minute, "look", look)
	l.born = func() { t.Error("it was born") }
	l.run(time.Hour, 4*time.Minute)
	assert.Equal(t, []int{1, 0}, left)
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
