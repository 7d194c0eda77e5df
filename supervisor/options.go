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
	Observer Observer // nil: noOwner looks

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
	// gosv's own descriptors and, when it needs it, the terminal. A first
	// start that cannot work is final, and HUP ends gosv.
	Attached bool
	// Reload, unless nil, is called from the loop when HUP asks for the configuration to
	// be read again. It must not block; Reconfigure brings what was read.
	Reload func()
	// DumpMaps makes dumps list every memory mapping.
	DumpMaps bool
}

// Host is what the start-up advice depends on and the seam does not show.
type Host struct {
	Systemd   bool // systemd manages this machine
	UID       int
	Container bool     // gosv runs in a container
	Command   []string // how gosv was started
	Blind     error    // why /proc does not show gosv's processes; nil: it does
}

// ShutdownDebounce is how soon after the first signal that ends gosv a further one is taken for
// the same wish: timeout(1) sends to its child and then to their process group, and
// what forwards signals adds its own to the one that a terminal sent to all.
const ShutdownDebounce = 100 * time.Millisecond

// The pauses between two looks at what is on its way out double from the first to the last.
const (
	firstRecheck = 10 * time.Millisecond
	lastRecheck  = 500 * time.Millisecond
)

// never is the instant of a deadline that does not come.
const never = sys.Never

// defaultStopTimeout is the grace of a service that is not configured.
const defaultStopTimeout = config.DefaultStopTimeout
