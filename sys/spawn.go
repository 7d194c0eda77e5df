package sys

import (
	"fmt"
	"syscall"
	"time"
)

// Handle names one process as long as it is open, even after the PID was reused
// (on Linux it is a pidfd). The zero Handle names nothing.
type Handle int32

// SpawnID is a number that the caller gives to one start; never reused.
type SpawnID uint64

// SpawnRequest describes a process to start. It always leads a process group of
// its own, with every signal unblocked, no signal ignored that gosv was not
// itself started with ignored, and no descriptor but 0, 1 and 2.
type SpawnRequest struct {
	ID SpawnID
	// Path is the program: a path if it contains a slash, else a name that is
	// searched for in the PATH of Env when the process is started. It becomes
	// argv[0] as it stands.
	Path string
	Args []string // argv[1:]
	Env  []string // the whole environment, as NAME=value
	Dir  string   // working directory; "" is gosv's own
	// Cgroup is the directory of the cgroup that the process starts in
	// (CLONE_INTO_CGROUP); "" is gosv's own.
	Cgroup string
	// MoveIn starts the process in gosv's own cgroup; it moves itself into Cgroup
	// before its program runs. For kernels without CLONE_INTO_CGROUP.
	MoveIn bool
	// Inherit gives the process gosv's own descriptors 0, 1 and 2. Without it
	// stdin is /dev/null and the outputs go to Stdout and Stderr; a nil Sink
	// is /dev/null. If both are the same Sink, descriptors 1 and 2 are one pipe,
	// which keeps the order of what is written to them, and the Sink is closed
	// once.
	Inherit        bool
	Stdout, Stderr Sink

	Attributes
}

// Sinks returns the Sinks that are not nil: one for each pipe.
func (r *SpawnRequest) Sinks() (sinks []Sink) {
	if r.Stdout != nil {
		sinks = append(sinks, r.Stdout)
	}
	if r.Stderr != nil && r.Stderr != r.Stdout {
		sinks = append(sinks, r.Stderr)
	}
	return sinks
}

// Child is a process that was started. Its Handle stays valid until Close,
// which the owner calls after Reap.
type Child struct {
	Pid    int // also of its process group
	Handle Handle
	// ExecAt is the instant at which execve(2) was known to have succeeded.
	ExecAt time.Duration
}

// SpawnResult is the outcome of one request: a child, or an error of type
// *SpawnError, never both.
type SpawnResult struct {
	ID    SpawnID
	Child Child
	Err   error
}

// Spawner starts processes. A start can take long (a slow disk), so the result
// comes later.
type Spawner interface {
	// Spawn requests a start and returns at once. Each request has exactly one
	// result. A child whose program could not be executed is reaped by the
	// Spawner; Reaper does not report it.
	Spawn(SpawnRequest)
	// Spawned drains the results of starts that are complete, in order of
	// completion. A child is not in Reaper.Exited before its result was drained.
	Spawned() []SpawnResult
	// Abort kills the child of a start that has no result yet, so that the
	// result comes as soon as the kernel allows: a child that died of SIGKILL,
	// or an error. It does nothing to a start that is complete.
	Abort(SpawnID)
	// CloseOutput ends the capture of a start's output: what is in the pipes
	// now is delivered (at most one pipe's capacity), then they are closed,
	// even if a process still holds the other end. It does nothing to a start
	// that is under way.
	CloseOutput(SpawnID)
}

// Step is the part of a start that failed.
type Step string

// The steps in the order in which they are done.
const (
	StepPrepare     Step = "prepare"       // pipes, /dev/null: resources of gosv itself
	StepCgroup      Step = "cgroup"        // opening the cgroup, or starting in it
	StepLookup      Step = "lookup"        // the program was not found in PATH
	StepFork        Step = "fork"          // clone(2), and what no request can make fail
	StepSetsid      Step = "setsid"        // Attributes.Setsid
	StepNice        Step = "nice"          // Attributes.Nice
	StepOOMScoreAdj Step = "oom_score_adj" // Attributes.OOMScoreAdj
	StepRlimit      Step = "rlimit"        // Attributes.Rlimits; Path is the resource
	StepUmask       Step = "umask"         // Attributes.Umask: a value out of range
	StepGroups      Step = "groups"        // setgroups(2); Path is the GID or the list
	StepGID         Step = "gid"           // setresgid(2)
	StepUID         Step = "uid"           // setresuid(2)
	StepChdir       Step = "chdir"         // the working directory, as the new user
	StepNoNewPrivs  Step = "no_new_privs"  // Attributes.NoNewPrivs
	StepExec        Step = "exec"          // execve(2)
)

// SpawnError reports which step of a start failed, and on what.
type SpawnError struct {
	Step Step
	Path string // the program, directory, cgroup, limit or ID that the step was about
	Err  syscall.Errno
	// Hint is a further fact that was found after the failure, as a clause: `its
	// interpreter "/usr/bin/pyton" does not exist`. It may be empty.
	Hint string
}

func (e *SpawnError) Error() string {
	s := string(e.Step)
	if e.Path != "" {
		s += " " + e.Path
	}
	s = fmt.Sprintf("%s: %v", s, e.Err)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Unwrap returns the errno.
func (e *SpawnError) Unwrap() error { return e.Err }

// Sink takes the bytes that one output stream of a child carries. Its methods
// are called by the capture's goroutine only and must not block.
type Sink interface {
	// Room returns how many bytes Write takes now. If it is 0 the capture stops
	// reading this stream, and only this one, until resume is called: once, from
	// any goroutine, when there is room again.
	Room(resume func()) int
	// Write takes p, at most Room bytes, and keeps no reference to it. Only the
	// last bytes of a process that has ended may exceed Room, after they have
	// waited for room: the sink drops the excess and may count it.
	Write(p []byte)
	// Close reports that no further byte will come.
	Close()
}
