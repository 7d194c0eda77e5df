package sim_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// grouped is a machine with cgroups, which have a kernel's bug or lack something.
func grouped(g fakesys.Cgroups, faults fakesys.Faults) *fakesys.Kernel {
	g.Delegated = "/"
	return fakesys.New(fakesys.Options{Cgroups: &g, Faults: &faults})
}

// supervised has one service run, once, and TERM come at an instant.
func supervised(k *fakesys.Kernel, script string, end time.Duration) *noticing {
	k.AddProgram("/svc/web", script)
	seen := &noticing{}
	k.At(end, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	web := config.NewService("web", "/svc/web")
	web.Backoff.Initial = time.Hour
	web.Backoff.Max = time.Hour
	supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web}, Observer: seen}).Run()
	return seen
}

// zombies are the dead that nobody has waited for.
func zombies(k *fakesys.Kernel) (pids []int) {
	for _, p := range k.Processes() {
		if p.State == 'Z' {
			pids = append(pids, p.Pid)
		}
	}
	return pids
}

// A cgroup that stays busy is tried again soon, then ever more rarely, and in the end
// it is given up: thousands of them must not cost a processor.
func TestABusyCgroupIsTriedEverMoreRarely(t *testing.T) {
	var tries []time.Duration
	var k *fakesys.Kernel
	k = grouped(fakesys.Cgroups{}, fakesys.Faults{Hook: func(op fakesys.Op, target string) syscall.Errno {
		if op != fakesys.OpRmdir || target != "1" {
			return 0
		}
		if now := k.Now(); now < time.Minute && !slices.Contains(tries, now) {
			tries = append(tries, now)
		}
		return syscall.EBUSY
	}})
	seen := supervised(k, "sleep 1s; exit 0", time.Minute)
	require.NotEmpty(t, tries)
	pause := 5 * time.Millisecond
	for i := 1; i < len(tries); i++ {
		assert.GreaterOrEqual(t, tries[i]-tries[i-1], pause, "try %d", i)
		assert.LessOrEqual(t, tries[i]-tries[i-1], 2*pause, "try %d", i)
		pause = tries[i] - tries[i-1]
	}
	assert.InDelta(t, 30, (tries[len(tries)-1] - tries[0]).Seconds(), 1)
	failed := reported[supervisor.RemovalFailed](seen.events)
	require.Len(t, failed, 1)
	assert.Equal(t, "/sys/fs/cgroup/gosv/web/1", failed[0].Path)
}

// Where a cgroup tells who is left of a service, its dead main process is reaped at
// once, and is no zombie while the others have their grace.
func TestAMainProcessIsNoZombieWhileItsHelpersHaveTheirGrace(t *testing.T) {
	k := grouped(fakesys.Cgroups{}, fakesys.Faults{})
	looked := false
	k.At(3*time.Second, "look", func() {
		looked = true
		assert.Empty(t, zombies(k))
		assert.Len(t, k.Processes(), 3, "init, gosv and the helper")
	})
	supervised(k, "fork {ignore TERM; sleep forever}; sleep forever", 2*time.Second)
	assert.True(t, looked)
}

// killing kills at birth whatever is born in a cgroup, as some kernels do.
type killing struct{ *fakesys.Kernel }

func (k killing) Spawn(req sys.SpawnRequest) {
	if req.Cgroup != "" && !req.MoveIn {
		_ = k.WriteFile(req.Cgroup+"/cgroup.kill", []byte("1"))
	}
	k.Kernel.Spawn(req)
}

// A kernel that kills what is born in a cgroup: the boot waits for the child that it
// has tried that with, and for one that somebody else has waited for it does not.
func TestAChildThatIsKilledAtBirthDoesNotDelayTheBoot(t *testing.T) {
	for name, faults := range map[string]fakesys.Faults{
		"it is reaped":                  {},
		"somebody else has reaped it":   {StolenExit: 1},
		"that it has ended is not told": {LostExit: 1},
	} {
		t.Run(name, func(t *testing.T) {
			k := grouped(fakesys.Cgroups{KillBug: true}, faults)
			seen := &changed{}
			k.At(100*time.Millisecond, "look", func() {
				assert.Equal(t, []lifecycle.Phase{lifecycle.Starting, lifecycle.Running}, seen.lives)
				assert.Empty(t, zombies(k))
				k.SetFaults(fakesys.Faults{})
				k.SignalSelf(syscall.SIGTERM)
			})
			k.AddProgram("/svc/web", "sleep forever")
			supervisor.New(supervisor.Options{Kernel: killing{k}, Services: []config.Service{config.NewService("web", "/svc/web")}, Observer: seen}).Run()
			said := strings.Join(seen.notices, "\n")
			assert.Contains(t, said, "this kernel cannot spawn into a cgroup (the process is killed at once)")
			assert.NotContains(t, said, "orphan")
		})
	}
}

// undying are starts that no signal ends, as one that hangs in a dead disk.
type undying struct{ *fakesys.Kernel }

func (undying) Abort(sys.SpawnID) {}

// A start has its child after it was given up: it is killed and waited for. If somebody
// else has waited for it, gosv's end does not.
func TestAChildThatIsBornTooLateDelaysNoEnd(t *testing.T) {
	for name, faults := range map[string]fakesys.Faults{"it is reaped": {}, "somebody else has reaped it": {StolenExit: 1}} {
		t.Run(name, func(t *testing.T) {
			k := grouped(fakesys.Cgroups{}, fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: lifecycle.KillWait - time.Second})
			k.AddFile("/dev/null/gosv", fakesys.Program)
			k.At(lifecycle.KillWait, "heal", func() { k.SetFaults(faults) })
			k.At(time.Minute, "TERM", func() {
				k.SetFaults(fakesys.Faults{})
				k.SignalSelf(syscall.SIGTERM)
			})
			seen := &noticing{}
			web := config.NewService("web", fakesys.TestprocPath, "testproc", "sleep forever")
			supervisor.New(supervisor.Options{Kernel: undying{k}, Services: []config.Service{web}, Observer: seen}).Run()
			assert.Less(t, k.Now(), time.Minute+100*time.Millisecond)
			assert.Empty(t, zombies(k))
			assert.NotContains(t, strings.Join(seen.notices, "\n"), "orphan")
			assert.Equal(t, faults.StolenExit == 1, len(seen.complaints()) > 0, seen.notices)
		})
	}
}

// The second signal that ends gosv is a wish of its own after a tenth of a second.
func TestASecondTERMIsAnEchoForATenthOfASecond(t *testing.T) {
	for later, kills := range map[time.Duration]bool{supervisor.ShutdownDebounce - 1: false, supervisor.ShutdownDebounce: true} {
		k := fakesys.New(fakesys.Options{})
		k.At(2*time.Second+later, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
		seen := supervised(k, "ignore TERM; sleep forever", 2*time.Second)
		assert.Equal(t, kills, len(reported[supervisor.ShutdownForced](seen.events)) == 1, "%v: %s", later, seen.notices)
	}
}

// An orphan that nobody can kill, and whose service nobody knows, is named at the end;
// that it is killed is said once, though it is tried again and again. One that dies is
// not named.
func TestAnOrphanThatCannotBeKilledIsNamed(t *testing.T) {
	for does, reportedUnkillableAtEnd := range map[string][]supervisor.Leftover{"block": {{PIDs: []int{13}}}, "sleep": nil} {
		t.Run(does, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{})
			k.AddProgram("/svc/web", "fork {setsid; fork {setsid; "+does+" forever}; sleep 3s}; sleep forever")
			k.At(time.Second, "clearenv", func() { k.SetEnv(13, nil) })
			k.At(5*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
			seen := &noticing{}
			r := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}, Observer: seen}).Run()
			assert.Equal(t, reportedUnkillableAtEnd, r.Unkillable)
			assert.Len(t, reported[supervisor.OrphanKilled](seen.events), 1)
		})
	}
}

// What cannot be killed is waited for once: not again for its cgroup, which it holds.
func TestTheUnkillableIsWaitedForOnce(t *testing.T) {
	for name, cgroups := range map[string]*fakesys.Cgroups{"with cgroups": {Delegated: "/"}, "without": nil} {
		t.Run(name, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{Cgroups: cgroups})
			supervised(k, "block forever", time.Minute)
			assert.InDelta(t, time.Minute+10*time.Second+lifecycle.KillWait, k.Now(), float64(100*time.Millisecond))
		})
	}
}

// An orphan that lives at gosv's end is told, also where gosv cannot find it: here
// somebody has moved it out of the cgroup of its service, and /proc cannot be listed.
func TestAnOrphanThatCannotBeFoundIsNoSecret(t *testing.T) {
	for does, reportedUnkillableAtEnd := range map[string][]supervisor.Leftover{"sleep forever": {{}}, "sleep 3s": nil} {
		t.Run(does, func(t *testing.T) {
			k := grouped(fakesys.Cgroups{}, fakesys.Faults{Hook: func(op fakesys.Op, target string) syscall.Errno {
				if op == fakesys.OpReadDir && target == "proc" {
					return syscall.EMFILE
				}
				return 0
			}})
			k.AddProgram("/svc/web", "fork {setsid; "+does+"}; sleep forever")
			k.At(time.Second, "move", func() {
				for _, p := range k.Processes() {
					if p.Ppid != 10 && p.Pid > 10 {
						require.NoError(t, k.Move(p.Pid, "/"))
					}
				}
			})
			k.At(2*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
			web := config.NewService("web", "/svc/web")
			seen := &noticing{}
			r := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web}, Observer: seen}).Run()
			assert.Equal(t, reportedUnkillableAtEnd, r.Unkillable, seen.notices)
		})
	}
}

// Where /proc does not show its processes gosv believes nothing that stands there: it
// says so, and its services are restarted all the same.
func TestABlindGosvLooksAtNothing(t *testing.T) {
	k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{Hook: func(op fakesys.Op, target string) syscall.Errno {
		assert.NotContains(t, []fakesys.Op{fakesys.OpReadFile, fakesys.OpReadDir}, op, target)
		return 0
	}}})
	k.AddProgram("/svc/web", "fork {setsid; sleep forever}; fork {sleep forever}; sleep 1s; exit 3")
	k.At(time.Minute, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	web := config.NewService("web", "/svc/web")
	web.MaxRestarts = 2
	seen := &noticing{}
	mayMissProcesses := supervisor.Host{Blind: procfs.ErrForeign}
	r := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web}, Observer: seen, Host: mayMissProcesses}).Run()
	assert.Equal(t, []string{"web"}, r.Failed, "after two restarts")
	assert.Equal(t, []supervisor.Leftover{{}}, r.Unkillable)
	said := strings.Join(seen.notices, "\n")
	assert.Contains(t, said, "what leaves the process group of its service is not found")
	assert.Contains(t, said, "gosv needs it to find its own cgroup")
	for _, p := range k.Processes() {
		assert.True(t, p.Pid == k.Pid() || p.Pgid == p.Pid, "what stays in the group is killed with it: %v", p)
	}
}

// A look that fails is told once until one succeeds: it may be tried twice a second, for
// as long as something is left.
func TestAFailingLookIsToldOnce(t *testing.T) {
	failing := true
	k := fakesys.New(fakesys.Options{Faults: &fakesys.Faults{Hook: func(op fakesys.Op, target string) syscall.Errno {
		if op == fakesys.OpReadDir && failing {
			return syscall.EMFILE
		}
		return 0
	}}})
	k.At(4*time.Second, "heal", func() { failing = false })
	seen := supervised(k, "fork {setsid; ignore TERM; sleep forever}; sleep 1s; exit 3", time.Minute)
	assert.Len(t, reported[supervisor.ScanFailed](seen.events), 1, seen.notices)
}
