// Package config reads gosv's configuration: JSON with comments and trailing
// commas, decoded strictly, every mistake reported with its place.
//
// It is pure: bytes in, values and diagnostics out. It reads no file, no clock and no
// environment.
package config

import (
	"syscall"
	"time"
)

// File is a whole configuration with every default filled in.
type File struct {
	Cgroup  CgroupMode
	LineMax int // bytes; longer output lines are shown in pieces of this size
	// LogDir is where each service has its log file; "": all output goes to stdout.
	LogDir string
	// Socket is the path of the control socket as written, "" if none is named.
	// SocketGroup is the name or number of the group that may use it; "": none.
	Socket      string
	SocketGroup string
	Services    []Service
}

// CgroupMode says what to do about cgroup v2.
type CgroupMode string

const (
	CgroupAuto    CgroupMode = "auto"    // use it where possible, say what is missing
	CgroupOff     CgroupMode = "off"     // do not touch it
	CgroupRequire CgroupMode = "require" // a service that cannot have its cgroup and limits does not start
)

// Restart says after which ends a service is started again.
type Restart string

const (
	RestartAlways    Restart = "always"     // after every end
	RestartOnFailure Restart = "on-failure" // after every end but exit(0)
	RestartNever     Restart = "never"
)

// Unlimited is the MaxRestarts of a service that is restarted for ever.
const Unlimited = -1

// Service is one service with every default filled in.
type Service struct {
	Name    string
	Command string   // a path (relative to Dir), or a name searched for in PATH at every start
	Args    []string // without the command itself
	Dir     string   // as written; relative to the configuration's directory
	Env     map[string]string

	Restart      Restart
	MaxRestarts  int // consecutive ones; 0 none, Unlimited
	Backoff      Backoff
	StopSignal   syscall.Signal
	StopTimeout  time.Duration
	StartTimeout time.Duration
	Limits       Limits
	Process      Process
	Manual       bool // gosv does not start it by itself ("autostart": false)
	Essential    bool // when it ends by itself and is not started again, gosv ends
	Spared       bool // gosv chaos leaves it alone
}

// Backoff is the schedule of delays before consecutive restarts: Initial,
// Initial x Factor, Initial x Factor^2 ..., at most Max, and after that cap up
// to Jitter (a fraction, 0..1) of the delay more, never less.
type Backoff struct {
	Initial    time.Duration
	Factor     float64 // at least 1
	Max        time.Duration
	Jitter     float64
	ResetAfter time.Duration // a run of this length makes the count zero again
}

// Limits are those of the service's cgroup. Zero means not limited.
type Limits struct {
	MemoryMax  int64 // bytes, memory.max (memory_mb)
	MemoryHigh int64 // bytes, memory.high (memory_high_mb)
	// MemorySwap is memory.swap.max in bytes (memory_swap_mb); Unlimited sets no limit.
	// nil: no swap if MemoryMax is set, else no limit.
	MemorySwap *int64
	CPUPercent int // of one CPU; may exceed 100; cpu.max
	CPUWeight  int // 1..10000, cpu.weight
	PidsMax    int // processes and threads, pids.max

	CPUs     string // the CPUs that it may use, such as "0-3,8"; cpuset.cpus (cpuset)
	IOWeight int    // 1..10000, io.weight
}

// Any reports whether there is a limit.
func (l Limits) Any() bool { return l != Limits{} }

// DefaultBackoff is the schedule of a service that does not name one.
var DefaultBackoff = Backoff{Initial: time.Second, Factor: 2, Max: time.Minute, ResetAfter: time.Minute}

// Defaults of the other keys of a service.
const (
	DefaultMaxRestarts  = 5
	DefaultStopSignal   = syscall.SIGTERM
	DefaultStopTimeout  = 10 * time.Second
	DefaultStartTimeout = 30 * time.Second
	DefaultLineMax      = 64 << 10
)

// NewService is a service with every default, to be adjusted by programs that
// configure gosv without a file.
func NewService(name, command string, args ...string) Service {
	return Service{
		Name: name, Command: command, Args: args,
		Restart: RestartAlways, MaxRestarts: DefaultMaxRestarts, Backoff: DefaultBackoff,
		StopSignal: DefaultStopSignal, StopTimeout: DefaultStopTimeout, StartTimeout: DefaultStartTimeout,
	}
}
