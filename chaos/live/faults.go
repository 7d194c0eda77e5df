package live

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// target is whom a fault is done to.
type target struct {
	service config.Service // the zero one: the supervisor
	pid     int            // the main process, or the supervisor's
	last    chaos.Event    // what was last told of the service
	*observer
	supervisor Supervisor
	cgroupOf   func(pid string) (dir string, ok bool)
	random     uint64 // a number to choose with, the same for the same hit of a plan
}

// deed is what was done.
type effect struct {
	lethal          bool                   // the main process ends of it
	stopsSupervisor bool                   // the supervisor can do nothing until it is undone
	lasts           time.Duration          // when undo is due, from now
	endsWhen        func(chaos.Event) bool // undo is due, too, when this is so of what was last told of the service; nil: never
	undo            func() error           // nil: there is nothing to undo
}

// refusal is why a fault cannot be done to this service.
type unsupported string

func (r unsupported) Error() string { return string(r) }

// deeds do the faults of the catalogue, by their names. One that is not done
// leaves nothing behind.
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

// members are the processes of the service that bear its mark.
func (t target) members() (found []Process) {
	for _, p := range t.marked() {
		if p.Service == t.service.Name {
			found = append(found, p)
		}
	}
	return found
}

// killing kills the main process as the last part of a deed, which is undone if
// that fails.
func (t target) killMainAfter(d effect) (effect, error) {
	if err := t.signal(t.pid, unix.SIGKILL); err != nil {
		if failure := d.undo(); failure != nil {
			return effect{}, failure
		}
		return effect{}, err
	}
	d.lethal = true
	return d, nil
}

// pause reads how long a fault lasts.
func pause(arg string, undo func() error) (effect, error) {
	after, err := time.ParseDuration(arg)
	return effect{lasts: after, undo: undo}, err
}
