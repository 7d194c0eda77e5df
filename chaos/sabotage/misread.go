package sabotage

import (
	"syscall"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/sys"
)

// onlyOnFailure takes "always" for "on-failure".
func onlyOnFailure(svc config.Service) config.Service {
	svc.Restart = config.RestartOnFailure
	return svc
}

// onceAgain takes any limit of restarts for one.
func onceAgain(svc config.Service) config.Service {
	svc.MaxRestarts = 1
	return svc
}

// flat forgets by what a delay is multiplied.
func flat(svc config.Service) config.Service {
	svc.Backoff.Factor = 1
	return svc
}

// forgiving takes every run for one that was long enough.
func forgiving(svc config.Service) config.Service {
	svc.Backoff.ResetAfter = 0
	return svc
}

// atOnce forgets the time that a stop may take.
func atOnce(svc config.Service) config.Service {
	svc.StopTimeout = 0
	return svc
}

// mute sends a process group nothing but SIGKILL and SIGCONT.
type mute struct{ sys.Kernel }

func (k mute) SignalGroup(h sys.Handle, sig syscall.Signal) error {
	if sig != syscall.SIGKILL && sig != syscall.SIGCONT {
		return nil
	}
	return k.Kernel.SignalGroup(h, sig)
}

// rosy takes every end for exit(0).
type rosy struct{ sys.Kernel }

func (k rosy) Peek(h sys.Handle) (sys.Status, bool, error) {
	_, ended, err := k.Kernel.Peek(h)
	return sys.Status{}, ended, err
}

func (k rosy) Reap(h sys.Handle) (sys.Status, bool, error) {
	_, ended, err := k.Kernel.Reap(h)
	return sys.Status{}, ended, err
}

// friendlyFire kills the second main process of each service when it is born.
type friendlyFire struct {
	sys.Kernel
	started map[string]int
	victims map[sys.SpawnID]bool
}

func (k *friendlyFire) Spawn(r sys.SpawnRequest) {
	k.started[name(r)]++
	if k.started[name(r)] == 2 {
		if k.victims == nil {
			k.victims = map[sys.SpawnID]bool{}
		}
		k.victims[r.ID] = true
	}
	k.Kernel.Spawn(r)
}

func (k *friendlyFire) Spawned() []sys.SpawnResult {
	results := k.Kernel.Spawned()
	for _, r := range results {
		if r.Err == nil && k.victims[r.ID] {
			_ = k.Signal(r.Child.Handle, syscall.SIGKILL)
		}
	}
	return results
}
