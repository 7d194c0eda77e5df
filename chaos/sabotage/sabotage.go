// Package sabotage makes supervisors that are wrong in one thing, to prove that
// gosv chaos sees it: each bug stands between the supervisor and the kernel, or has it
// misread the policy of its services.
package sabotage

import (
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/sys"
)

// Bug is one way of being wrong.
type Bug struct {
	Name  string
	Story string
	// Verdict is the number of the one that must fail.
	Verdict int
	// Plant gives the kernel as the wrong supervisor sees it. It may be nil.
	Plant func(sys.Kernel) sys.Kernel
	// Misread gives a service as the wrong supervisor takes it to be. It may be nil.
	Misread func(config.Service) config.Service
}

// Kernel is the kernel as the wrong supervisor sees it.
func (b Bug) Kernel(k sys.Kernel) sys.Kernel {
	if b.Plant == nil {
		return k
	}
	return b.Plant(k)
}

// Services are services as the wrong supervisor takes them to be.
func (b Bug) Services(read []config.Service) (misread []config.Service) {
	if b.Misread == nil {
		return read
	}
	for _, svc := range read {
		misread = append(misread, b.Misread(svc))
	}
	return misread
}

// Bugs are all of them.
var Bugs = []Bug{
	{"lost-restart", "the third restart is never made", 5, func(k sys.Kernel) sys.Kernel { return &lostRestart{Kernel: k} }, nil},
	{"short-delay", "the clock runs half as fast again, so no delay is kept", 4, func(k sys.Kernel) sys.Kernel { return fastClock{k} }, nil},
	{"leaked-orphan", "what leaves its group is forgotten", 8, func(k sys.Kernel) sys.Kernel { return forgetful{k} }, nil},
	{"doubled-instance", "every restart starts the service twice", 2, func(k sys.Kernel) sys.Kernel { return &doubled{Kernel: k, second: map[sys.Handle]bool{}} }, nil},
	{"deaf", "a signal to the supervisor is lost", 7, func(k sys.Kernel) sys.Kernel { return deaf{k} }, nil},
	{"friendly-fire", "the first restart of a service is killed by the supervisor itself", 3, func(k sys.Kernel) sys.Kernel { return &friendlyFire{Kernel: k, started: map[string]int{}} }, nil},
	{"called-exited", "who was killed is told to have ended well, and is not restarted", 3, func(k sys.Kernel) sys.Kernel { return rosy{k} }, onlyOnFailure},
	{"early-give-up", "after one restart a service is given up", 3, nil, onceAgain},
	{"flat-backoff", "delays do not grow", 4, nil, flat},
	{"hasty", "a stop is a kill", 7, nil, atOnce},
	{"mute", "no stop signal is sent", 7, func(k sys.Kernel) sys.Kernel { return mute{k} }, nil},
	{"early-reset", "restarts in a row are counted anew after every run", 4, nil, forgiving},
}

// Find gives a bug by its name.
func Find(name string) (Bug, bool) {
	i := slices.IndexFunc(Bugs, func(b Bug) bool { return b.Name == name })
	if i < 0 {
		return Bug{}, false
	}
	return Bugs[i], true
}

// lostRestart loses a request: it has no result, ever.
type lostRestart struct {
	sys.Kernel
	started map[string]int
}

func (k *lostRestart) Spawn(r sys.SpawnRequest) {
	if k.started == nil {
		k.started = map[string]int{}
	}
	who := name(r)
	k.started[who]++
	if k.started[who] != 4 {
		k.Kernel.Spawn(r)
	}
}

// name tells services apart: by the mark that chaos puts into their environment.
func name(r sys.SpawnRequest) string {
	for _, entry := range r.Env {
		if service, ok := strings.CutPrefix(entry, "GOSV_CHAOS_SERVICE="); ok {
			return service
		}
	}
	return r.Path
}

// fastClock is ahead by half of the time that has passed.
type fastClock struct{ sys.Kernel }

func (k fastClock) Now() time.Duration { return k.Kernel.Now() * 3 / 2 }

func (k fastClock) Wait(until time.Duration) sys.Reason { return k.Kernel.Wait(until / 3 * 2) }

// forgetful sees no orphan, and no process but the ones it started.
type forgetful struct{ sys.Kernel }

func (k forgetful) PeekOrphan() (int, sys.Status, bool, error) { return 0, sys.Status{}, false, nil }
func (k forgetful) PeekAny() (int, sys.Status, error)          { return 0, sys.Status{}, nil }

func (k forgetful) ReadFile(path string) ([]byte, error) {
	if strings.HasSuffix(path, "/environ") {
		return nil, syscall.ESRCH
	}
	return k.Kernel.ReadFile(path)
}

// doubled starts the second and every later start of a service twice, and hides
// one of the two from the supervisor.
type doubled struct {
	sys.Kernel
	started map[string]int
	second  map[sys.Handle]bool
}

const twin = sys.SpawnID(1) << 62

func (k *doubled) Spawn(r sys.SpawnRequest) {
	if k.started == nil {
		k.started = map[string]int{}
	}
	k.Kernel.Spawn(r)
	if who := name(r); k.started[who] > 0 {
		r.ID |= twin
		k.Kernel.Spawn(r)
	}
	k.started[name(r)]++
}

func (k *doubled) Spawned() []sys.SpawnResult {
	return slices.DeleteFunc(k.Kernel.Spawned(), func(r sys.SpawnResult) bool {
		if r.ID&twin != 0 && r.Err == nil {
			k.second[r.Child.Handle] = true
		}
		return r.ID&twin != 0
	})
}

func (k *doubled) Exited() []sys.Handle {
	return slices.DeleteFunc(k.Kernel.Exited(), func(h sys.Handle) bool {
		if k.second[h] {
			_, _, _ = k.Kernel.Reap(h)
			k.Kernel.Close(h)
			delete(k.second, h)
			return true
		}
		return false
	})
}

// deaf hears of no signal.
type deaf struct{ sys.Kernel }

func (k deaf) Signals() []syscall.Signal {
	k.Kernel.Signals()
	return nil
}
