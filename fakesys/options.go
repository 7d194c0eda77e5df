package fakesys

import (
	"io"
	"time"
)

// Options describes a machine. The zero value is a small machine without cgroups and
// without faults.
type Options struct {
	Choices Choices `json:"-"` // nil: Zero

	Pid    int // gosv's PID; 0 means 10, 1 makes it the init of its world
	PidMax int // the highest PID; 0 means 300
	// MaxFiles is the limit of descriptors that gosv may hold (RLIMIT_NOFILE);
	// 0 is 20000.
	MaxFiles int
	// MaxProcs is the limit of processes, zombies included (RLIMIT_NPROC, or
	// the machine's); 0 is PidMax.
	MaxProcs int
	Env      []string // gosv's own environment

	Cgroups *Cgroups // nil: no cgroup2 file system is mounted
	Faults  *Faults  // nil: none
	// Terminal gives gosv a controlling terminal.
	Terminal bool
	// NoShell makes gosv's process group an orphaned one, which Ctrl-Z does not stop, as
	// when gosv is the first program of a terminal window.
	NoShell bool

	// SpawnLatency is the least duration of a spawn; 0 means 500 us. By choice it takes 2,
	// 4 or 8 times as long.
	SpawnLatency time.Duration
	// Preempt lets other due events run before any call, by choice.
	Preempt bool

	Wall    time.Time     // the wall clock at the beginning; zero is 2026-01-01
	Horizon time.Duration // Wait panics with *HorizonReached beyond; 0 is none
	// Patience is the number of steps without progress of time after which the run panics
	// with *Livelock; 0 means a million.
	Patience int
	Trace    io.Writer `json:"-"` // the readable trace; nil is none
}

func (o *Options) fill() {
	if o.Choices == nil {
		o.Choices = Zero{}
	}
	setDefault(&o.Pid, 10)
	setDefault(&o.PidMax, 300)
	setDefault(&o.MaxFiles, 20000)
	setDefault(&o.MaxProcs, o.PidMax)
	setDefault(&o.SpawnLatency, 500*time.Microsecond)
	setDefault(&o.Patience, 1_000_000)
	if o.Wall.IsZero() {
		o.Wall = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
