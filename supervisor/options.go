package supervisor

import (
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/sys"
)

// Options is what a supervisor is made of.
type Options struct {
	Kernel   sys.Kernel
	Services []config.Service
	Observer Observer // nil: nobody looks

	// Environ is what services inherit, as NAME=value; a service's own Env
	// comes on top.
	Environ []string
	// Dir is the directory that a relative Dir of a service starts from.
	Dir string
	// Output gives the sinks of a service's stdout and stderr for one start;
	// nil: the output is thrown away.
	Output func(service string) (stdout, stderr sys.Sink)

	Cgroup config.CgroupMode
	Host   Host

	// Attached is for one service in the place of gosv itself (--run): it has
	// gosv's own descriptors and, if gosv has it, the terminal. A first
	// start that cannot work is final, and HUP ends gosv.
	Attached bool
	// DumpMaps makes dumps list every memory mapping.
	DumpMaps bool
}

// Host is what the start-up advice depends on and the seam does not show.
type Host struct {
	Systemd bool // systemd manages this machine
	UID     int
	Command []string // how gosv was started
	Blind   error    // why /proc does not show gosv's processes; nil: it does
}

// ShutdownDebounce is how soon after the first signal that ends gosv a further one is taken for
// the same wish: timeout(1) sends to its child and then to their process group, and
// what forwards signals adds its own to the one that a terminal sent to all.
const ShutdownDebounce = 100 * time.Millisecond

// Bounds of the supervisor's own.
const (
	safetyPeriod = 30 * time.Second      // a lost wake-up is made good after this
	orphanBound  = 5 * time.Second       // how long the end of gosv waits for killed orphans
	censusBound  = time.Second           // how long a look at all processes may stay at one of them
	dumpBound    = 10 * time.Second      // after which a dump that hangs keeps no other
	removeBound  = 30 * time.Second      // how long the removal of a busy cgroup is retried
	doubtBound   = time.Second           // how long a dying orphan may be the last of a generation
	siblingPause = time.Second / 2       // after an exit, until zombies are looked for that are no orphans
	firstRecheck = 10 * time.Millisecond // of a generation that is on its way out; doubles ...
	lastRecheck  = 500 * time.Millisecond
)
