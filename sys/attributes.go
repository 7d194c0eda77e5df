package sys

import (
	"fmt"
	"syscall"
)

// Attributes are properties of a process that differ from gosv's own. The zero
// value changes nothing. They are set in the order of the fields, and each has a
// Step of its own. Credential comes after those that may need privileges; the
// working directory of the request is entered as the new user.
type Attributes struct {
	Setsid      bool     // lead a session of its own, without a controlling terminal (setsid(2))
	Nice        *int     // -20..19 (setpriority(2))
	OOMScoreAdj *int     // -1000..1000 (proc_pid_oom_score_adj(5))
	Rlimits     []Rlimit // at most one for each resource
	Umask       *int     // 0..0777 (umask(2))
	Credential  *Credential
	NoNewPrivs  bool // set-user-ID programs gain no privileges (PR_SET_NO_NEW_PRIVS(2const))
}

// Rlimit is a resource limit (setrlimit(2)).
type Rlimit struct {
	Resource   int // syscall.RLIMIT_NOFILE and others
	Soft, Hard uint64
}

// RlimitInfinity as a limit is no limit.
const RlimitInfinity = ^uint64(0)

var rlimitNames = [...]string{"CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS",
	"LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"}

// Name is that of setrlimit(2): RLIMIT_NOFILE.
func (r Rlimit) Name() string {
	if r.Resource < 0 || r.Resource >= len(rlimitNames) {
		return fmt.Sprintf("resource %d", r.Resource)
	}
	return "RLIMIT_" + rlimitNames[r.Resource]
}

// Credential is the user and the groups of a process (credentials(7)). Groups
// replaces gosv's supplementary groups, also if it is empty.
type Credential struct {
	UID, GID uint32
	Groups   []uint32
}

// Check finds values that no kernel would take, which some system calls round
// silently. The error is that of the start.
func (a *Attributes) Check() *SpawnError {
	if a.Nice != nil && (*a.Nice < -20 || *a.Nice > 19) {
		return &SpawnError{Step: StepNice, Path: fmt.Sprint(*a.Nice), Err: syscall.EINVAL, Hint: "it must be from -20 to 19"}
	}
	if a.Umask != nil && (*a.Umask < 0 || *a.Umask > 0o777) {
		return &SpawnError{Step: StepUmask, Path: fmt.Sprintf("%#o", *a.Umask), Err: syscall.EINVAL, Hint: "it must be from 0 to 0777"}
	}
	if c := a.Credential; c != nil && (c.UID == ^uint32(0) || c.GID == ^uint32(0)) {
		step, id := StepUID, c.UID
		if c.GID == ^uint32(0) {
			step, id = StepGID, c.GID
		}
		return &SpawnError{Step: step, Path: fmt.Sprint(id), Err: syscall.EINVAL, Hint: "this ID stands for no change"}
	}
	seen := map[int]bool{}
	for _, r := range a.Rlimits {
		if r.Resource < 0 || r.Resource >= len(rlimitNames) || seen[r.Resource] {
			return &SpawnError{Step: StepRlimit, Path: r.Name(), Err: syscall.EINVAL, Hint: "it is unknown, or set twice"}
		}
		seen[r.Resource] = true
	}
	return nil
}
