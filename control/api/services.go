package api

import (
	"encoding/json"
	"time"
)

// ServiceList is the answer of GET /v1/services.
type ServiceList struct {
	APIVersion string `json:"api_version"`
	// Seq is the number of the last event that the list is sure to reflect. An
	// event stream that continues after Seq misses nothing.
	Seq      uint64    `json:"seq"`
	Services []Service `json:"services"`
}

// Service is one service: what is configured and what is.
type Service struct {
	Name string `json:"name"`
	// Spec holds the keys of the configuration file. Values of env are hidden
	// unless the client asked for secrets.
	Spec   json.RawMessage `json:"spec,omitempty"`
	Status Status          `json:"status"`
}

// State is the state of a service, in supervisord's words.
type State string

// The states.
const (
	Stopped  State = "stopped"
	Starting State = "starting"
	Running  State = "running"
	Backoff  State = "backoff"
	Stopping State = "stopping"
	Exited   State = "exited"
	Failed   State = "failed"
)

// Desired is what the operator wants of a service.
type Desired string

// The desired states.
const (
	Up   Desired = "up"
	Down Desired = "down"
)

// Status is what a service is doing.
type Status struct {
	State         State     `json:"state"`
	Desired       Desired   `json:"desired"`
	Since         time.Time `json:"since"`         // when State was entered
	PID           int       `json:"pid,omitempty"` // of the living main process
	UptimeSeconds float64   `json:"uptime_seconds"`
	Restarts      int       `json:"restarts"`             // all restarts since gosv began
	Consecutive   int       `json:"consecutive_restarts"` // counted against max_restarts
	MaxRestarts   int       `json:"max_restarts"`         // -1: no limit
	Generation    uint64    `json:"generation"`           // number of the present or last instance, from 1
	// NextStart is set in backoff.
	NextStart *time.Time `json:"next_start,omitempty"`
	// Deadline is when gosv gives up waiting: it kills a stopping service, and
	// aborts a start.
	Deadline *time.Time `json:"deadline,omitempty"`
	// Unkillable: something of the service survived SIGKILL.
	Unkillable bool   `json:"unkillable,omitempty"`
	Cgroup     string `json:"cgroup,omitempty"`
	Usage      *Usage `json:"usage,omitempty"`
	LastExit   *Exit  `json:"last_exit"`
	// Exits are the last ones, oldest first; only in the answer for one service.
	Exits []Exit `json:"exits,omitempty"`
}

// Usage is what a service uses of the machine.
type Usage struct {
	Source      UsageSource `json:"source"`
	MemoryBytes int64       `json:"memory_bytes"`
	CPUSeconds  float64     `json:"cpu_seconds"` // since its cgroup was made, or its process was spawned
	At          time.Time   `json:"at"`
	// Pressure is the share of the last ten seconds in which some task waited, in percent.
	Pressure *Pressure `json:"pressure,omitempty"`
}

// Pressure is PSI's "some avg10" of a cgroup.
type Pressure struct {
	CPU    float64 `json:"cpu"`
	Memory float64 `json:"memory"`
	IO     float64 `json:"io"`
}

// UsageSource says what Usage counts.
type UsageSource string

// The sources.
const (
	OfCgroup  UsageSource = "cgroup"  // all processes of the service
	OfProcess UsageSource = "process" // the main process only
)

// ExitCause says why a run, or an attempt at one, ended.
type ExitCause string

// The causes.
const (
	ByExit       ExitCause = "exit"
	BySignal     ExitCause = "signal"
	StartFailed  ExitCause = "start-failed"
	StartTimeout ExitCause = "start-timeout"
	UnknownCause ExitCause = "unknown" // another process took the exit status
)

// Exit is the end of one run, or of one attempt to start.
type Exit struct {
	Cause      ExitCause `json:"cause"`
	Code       int       `json:"code"`             // as a shell reports it: 128+n for signal n
	Signal     string    `json:"signal,omitempty"` // such as "TERM"
	CoreDumped bool      `json:"core_dumped,omitempty"`
	OOM        bool      `json:"oom,omitempty"` // the kernel's out-of-memory killer struck
	Error      string    `json:"error,omitempty"`
	Text       string    `json:"text"` // for people
	Time       time.Time `json:"time"`
	PID        int       `json:"pid,omitempty"`
	Generation uint64    `json:"generation"`
	RanSeconds float64   `json:"ran_seconds"`
}

// Info is the answer of GET /v1: who answers.
type Info struct {
	APIVersion string    `json:"api_version"`
	Version    string    `json:"version"`
	PID        int       `json:"pid"`
	Started    time.Time `json:"started"`
	Seq        uint64    `json:"seq"`
	// OldestSeq is the lowest number after which events can be streamed.
	OldestSeq uint64 `json:"oldest_seq"`
	Services  int    `json:"services"`
	Config    Config `json:"config"`
}

// Config says which configuration file runs.
type Config struct {
	File   string    `json:"file,omitempty"`
	Loaded time.Time `json:"loaded"`
	// Changed: the file on disk differs from what runs.
	Changed bool `json:"changed"`
}
