package live

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// target is what a fault is injected into.
type target struct {
	service config.Service // the zero value for the supervisor
	pid     int            // the main process, or the supervisor
	last    chaos.Event    // the last event of the service
	*observer
	supervisor Supervisor
	cgroupOf   func(pid string) (dir string, ok bool)
	random     uint64 // the same for the same fault of a plan
}

// effect is what an injected fault does, and how it is undone.
type effect struct {
	lethal          bool           // the main process ends of it
	signal          syscall.Signal // the signal that ends it, if that is known
	stopsSupervisor bool           // the supervisor cannot run until it is undone
	lasts           time.Duration  // time until it is undone
	// endsWhen reports, from the last event of the service, that it is to be undone
	// earlier. It may be nil.
	endsWhen func(chaos.Event) bool
	undo     func() error // nil if there is nothing to undo
}

// unsupported is why a fault cannot be injected into this service.
type unsupported string

func (r unsupported) Error() string { return string(r) }

// injectors inject the faults of the catalogue, by name. One that returns an error has
// changed nothing.
var injectors = map[string]func(t target, arg string) (effect, error){
	"kill":        killMain,
	"signal":      signalMain,
	"kill-member": killMember,
	"kill-group":  killGroup,
	"kill-cgroup": killCgroup,
	"stop":        stopMain,
	"freeze":      freeze,

	"start-missing": startMissing,
	"start-denied":  startDenied,
	"start-busy":    startBusy,
	"start-exit":    startExit,
	"start-slow":    startSlow,

	"orphan":      orphan,
	"escape":      escape,
	"hold-output": holdOutput,
	"flood":       flood,
	"full-log":    fullLog,

	"memory":     limitMemory,
	"cpu":        limitCPU,
	"fork-burst": forkBurst,

	"stop-supervisor": stopSupervisor,
}

// members returns the processes of the service.
func (t target) members() (found []Process) {
	for _, p := range t.marked() {
		if p.Service == t.service.Name {
			found = append(found, p)
		}
	}
	return found
}

// killed is the effect of SIGKILL.
func killed() effect { return effect{lethal: true, signal: unix.SIGKILL} }

// killMainAfter kills the main process as the last part of a fault. If that fails, the
// fault is undone.
func (t target) killMainAfter(d effect) (effect, error) {
	if err := t.signal(t.pid, unix.SIGKILL); err != nil {
		if failure := d.undo(); failure != nil {
			return effect{}, failure
		}
		return effect{}, err
	}
	d.lethal, d.signal = true, unix.SIGKILL
	return d, nil
}

// pause reads how long a fault lasts.
func pause(arg string, undo func() error) (effect, error) {
	lasts, err := time.ParseDuration(arg)
	return effect{lasts: lasts, undo: undo}, err
}
