package sys

import (
	"fmt"
	"syscall"
	"time"
)

// Handle names one process for as long as it is held, whatever becomes of its
// number (on Linux it is a pidfd). The zero Handle names nothing.
type Handle int32

// SpawnID is a number that the caller gives to one start; never reused.
type SpawnID uint64

// SpawnRequest says how a process is to be born. It is always the leader of a
// process group of its own, with every signal unblocked, no signal ignored that
// gosv was not itself started with ignored, and no descriptor but 0, 1 and 2.
type SpawnRequest struct {
	ID SpawnID
	// Path is the program: a path if it contains a slash, else a name that is
	// searched for in the PATH of Env, at this moment. It becomes argv[0] as
	// it stands.
	Path string
	Args []string // argv[1:]
	Env  []string // the whole environment, as NAME=value
	Dir  string   // working directory; "" is gosv's own
	// Cgroup is the directory that the process is born in (CLONE_INTO_CGROUP);
	// "" is gosv's own.
	Cgroup string
	// MoveIn has the process born in gosv's own cgroup; before its program runs it
	// moves itself into Cgroup. For kernels that cannot do better.
	MoveIn bool
	// Inherit gives the process gosv's own descriptors 0, 1 and 2. Without it
	// stdin is /dev/null and the outputs go to Stdout and Stderr; a nil Sink
	// is /dev/null.
	Inherit        bool
	Stdout, Stderr Sink
	// Foreground makes the new group the foreground group of gosv's
	// controlling terminal before the program runs.
	Foreground bool
}

// Child is a process that was started. Its Handle stays valid until Close,
// which the owner calls after Reap.
type Child struct {
	Pid    int // also the number of its process group
	Handle Handle
	// Born is when the program was executing: the successful exec.
	Born time.Duration
}

// SpawnResult is the outcome of one request: a child, or an error of type
// *SpawnError, never both.
type SpawnResult struct {
	ID    SpawnID
	Child Child
	Err   error
}

// Spawner starts processes. A start can take long (a slow disk), so it is a
// request here and a result later.
type Spawner interface {
	// Spawn asks for a start and returns at once. Each request has exactly one
	// result. A child whose program could not be executed is reaped by the
	// Spawner and never seen by Reaper.
	Spawn(SpawnRequest)
	// Spawned drains the results that have come, in order of completion. A
	// child is not in Reaper.Exited before its result was drained.
	Spawned() []SpawnResult
	// Abort kills the child of a start that has no result yet, so that the
	// result comes as soon as the kernel allows: then it is a child that
	// died of SIGKILL, or an error. It does nothing to a start that is over.
	Abort(SpawnID)
	// CloseOutput ends the capture of a start's output: what is in the pipes
	// now is delivered (at most one pipe's capacity), then they are closed,
	// even if some process still holds the other end. It does nothing to a
	// start that is under way.
	CloseOutput(SpawnID)
}

// Step is the part of a start that failed.
type Step string

const (
	StepPrepare Step = "prepare" // pipes, /dev/null: gosv's own resources
	StepCgroup  Step = "cgroup"  // opening the directory, or being born in it
	StepLookup  Step = "lookup"  // the program was not found in PATH
	StepFork    Step = "fork"    // clone(2)
	StepChdir   Step = "chdir"   // the working directory
	StepExec    Step = "exec"    // execve(2)
)

// SpawnError says which step of a start failed, and on what.
type SpawnError struct {
	Step Step
	Path string // the program, directory or cgroup that the step was about
	Err  syscall.Errno
	// Hint is a further fact found out after the failure, as a clause: `its
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

// Unwrap gives the errno.
func (e *SpawnError) Unwrap() error { return e.Err }

// Sink takes the bytes that one output stream of a child carries. Its methods
// are called by the capture's goroutine only and must not block.
type Sink interface {
	// Room is how many bytes Write takes now. At 0 the capture stops reading
	// this stream, and only this one, until resume is called: once, from any
	// goroutine, when there is room again.
	Room(resume func()) int
	// Write takes p, at most Room bytes, and keeps no reference to it. Only the
	// last bytes of a process that has ended may be more, if they have waited for
	// room in vain: what is too much is lost, and the sink may count it.
	Write(p []byte)
	// Close says that no further byte will come.
	Close()
}
