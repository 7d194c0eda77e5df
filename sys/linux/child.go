//go:build amd64 || arm64

package linux

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// syscallList is what a child does between clone and execve. It stands in memory
// that the child shares with gosv. The child runs no Go code and uses no stack: the
// assembly makes the calls one by one and, if one fails, leaves its address and its
// errno here and exits.
type syscallList struct {
	failed uintptr
	errno  uintptr
	calls  [maxCalls]systemCall
	steps  [maxCalls]failedStep // what the failure of a call means
	n      int
}

// maxCalls is enough for every attribute, 16 limits and a handler of each signal.
const maxCalls = 48 + signals

const signals = 64

// failedStep is the part of a sys.SpawnError that is known beforehand.
type failedStep struct {
	step sys.Step
	path string
	hint string
}

func (l *syscallList) add(f failedStep, nr uintptr, args ...uintptr) {
	l.calls[l.n] = systemCall{nr: nr}
	copy(l.calls[l.n].args[:], args)
	l.steps[l.n] = f
	l.n++
}

// failure returns the error of the call that failed, or nil.
func (l *syscallList) failure() *sys.SpawnError {
	if l.failed == 0 {
		return nil
	}
	f := l.steps[(l.failed-address(&l.calls[0]))/unsafe.Sizeof(systemCall{})]
	return &sys.SpawnError{Step: f.step, Path: f.path, Err: syscall.Errno(l.errno), Hint: f.hint}
}

// spawnArgs is a request in the form that the kernel takes. Its pointers keep alive
// what the list of system calls refers to.
type spawnArgs struct {
	features   features
	req        *sys.SpawnRequest
	path       *byte
	argv, envv []*byte
	dir        *byte // nil: gosv's own
	files      []int // become 0, 1, 2; none: keep gosv's own
	above      int   // descriptors from here on are not for the child
	cgroup     int   // start in it; -1: gosv's own
	procs      int   // its cgroup.procs, to move there; 0: do not

	oomScoreAdj []byte
	rlimits     []unix.Rlimit
	groups      []uint32
}

var (
	itself       = []byte("0") // in cgroup.procs: the process that writes
	oomFile      = append([]byte("/proc/self/oom_score_adj"), 0)
	noAction     [4]uintptr // struct sigaction: SIG_DFL
	noMask       uint64
	oomFileFD    = uintptr(3) // the lowest that is free: 0, 1 and 2 are open
	currentDirFD = ^uintptr(99)
)

// build writes the list for a request. resetHandlers does what CLONE_CLEAR_SIGHAND
// does.
func (l *syscallList) build(a *spawnArgs, resetHandlers bool) {
	l.failed, l.errno, l.n = 0, 0, 0
	fork := failedStep{step: sys.StepFork, path: a.req.Path}
	if a.req.Setsid {
		l.add(failedStep{step: sys.StepSetsid}, unix.SYS_SETSID)
	} else {
		l.add(fork, unix.SYS_SETPGID, 0, 0)
	}
	if a.procs > 0 {
		l.add(failedStep{step: sys.StepCgroup, path: a.req.Cgroup}, unix.SYS_WRITE, uintptr(a.procs), address(&itself[0]), 1)
	}
	if resetHandlers {
		for sig := uintptr(1); sig <= signals; sig++ {
			if caught(sig) {
				l.add(fork, unix.SYS_RT_SIGACTION, sig, address(&noAction), 0, 8)
			}
		}
	}
	if a.features.closeRange {
		l.add(fork, unix.SYS_CLOSE_RANGE, uintptr(a.above), math.MaxUint32, unix.CLOSE_RANGE_UNSHARE)
	}
	for i, fd := range a.files {
		l.add(fork, unix.SYS_DUP3, uintptr(fd), uintptr(i), 0)
	}
	l.buildAttributes(a)
	if a.dir != nil {
		l.add(failedStep{step: sys.StepChdir, path: a.req.Dir}, unix.SYS_CHDIR, address(a.dir))
	}
	if a.req.NoNewPrivs {
		l.add(failedStep{step: sys.StepNoNewPrivs}, unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	}
	l.add(fork, unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, address(&noMask), 0, 8)
	l.add(failedStep{step: sys.StepExec}, unix.SYS_EXECVE, address(a.path), address(&a.argv[0]), address(&a.envv[0]))
}

// buildAttributes adds the attributes that come before the working directory.
func (l *syscallList) buildAttributes(a *spawnArgs) {
	r := a.req
	if r.Nice != nil {
		l.add(failedStep{step: sys.StepNice, path: strconv.Itoa(*r.Nice)}, unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, uintptr(*r.Nice))
	}
	if r.OOMScoreAdj != nil {
		l.writeOOMScoreAdj(a)
	}
	for i := range a.rlimits {
		step := failedStep{step: sys.StepRlimit}
		resource := unix.RLIMIT_NOFILE // the limit that gosv was started with comes after those of the request
		if i < len(r.Rlimits) {
			step.path, resource = r.Rlimits[i].Name(), r.Rlimits[i].Resource
		} else {
			step.path = sys.Rlimit{Resource: resource}.Name()
		}
		l.add(step, unix.SYS_PRLIMIT64, 0, uintptr(resource), address(&a.rlimits[i]), 0)
	}
	if r.Umask != nil {
		l.add(failedStep{step: sys.StepUmask}, unix.SYS_UMASK, uintptr(*r.Umask))
	}
	if c := r.Credential; c != nil {
		l.add(failedStep{step: sys.StepGroups, path: strings.Trim(fmt.Sprint(c.Groups), "[]")}, unix.SYS_SETGROUPS, uintptr(len(c.Groups)), address(&a.groups[0]))
		gid, uid := uintptr(c.GID), uintptr(c.UID)
		l.add(failedStep{step: sys.StepGID, path: fmt.Sprint(gid)}, unix.SYS_SETRESGID, gid, gid, gid)
		l.add(failedStep{step: sys.StepUID, path: fmt.Sprint(uid)}, unix.SYS_SETRESUID, uid, uid, uid)
	}
}

// writeOOMScoreAdj makes descriptor 3 the lowest that is free, whatever it was, so
// that it is known which one openat returns. A process that shares its memory with
// its parent by vfork(2) changes only its own value (__set_oom_adj of
// fs/proc/base.c).
func (l *syscallList) writeOOMScoreAdj(a *spawnArgs) {
	step := failedStep{step: sys.StepOOMScoreAdj, path: strconv.Itoa(*a.req.OOMScoreAdj)}
	l.add(step, unix.SYS_DUP3, 0, oomFileFD, unix.O_CLOEXEC)
	l.add(step, unix.SYS_CLOSE, oomFileFD)
	l.add(step, unix.SYS_OPENAT, currentDirFD, address(&oomFile[0]), unix.O_WRONLY|unix.O_CLOEXEC, 0)
	l.add(step, unix.SYS_WRITE, oomFileFD, address(&a.oomScoreAdj[0]), uintptr(len(a.oomScoreAdj)))
}

// caught reports whether gosv has a handler for the signal.
func caught(sig uintptr) bool {
	var action [4]uintptr
	_, _, errno := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, sig, 0, address(&action), 8, 0, 0)
	const sigIgn = 1
	return errno == 0 && action[0] > sigIgn
}

// convert turns the strings and values of a request into C form.
func (a *spawnArgs) convert(f features, r *sys.SpawnRequest, program string) *sys.SpawnError {
	*a = spawnArgs{features: f, req: r, cgroup: -1}
	var errs [4]error
	a.path, errs[0] = syscall.BytePtrFromString(program)
	argv := make([]string, 1, 1+len(r.Args))
	argv[0] = r.Path
	a.argv, errs[1] = syscall.SlicePtrFromStrings(append(argv, r.Args...))
	a.envv, errs[2] = syscall.SlicePtrFromStrings(r.Env)
	if r.Dir != "" {
		a.dir, errs[3] = syscall.BytePtrFromString(r.Dir)
	}
	for i, err := range errs {
		if err != nil {
			what := [...]string{"its path", "an argument", "its environment", "its directory"}[i]
			return &sys.SpawnError{Step: sys.StepExec, Path: r.Path, Err: syscall.EINVAL, Hint: what + " contains a NUL byte"}
		}
	}
	if r.OOMScoreAdj != nil {
		a.oomScoreAdj = strconv.AppendInt(nil, int64(*r.OOMScoreAdj), 10)
	}
	a.convertLimits(r)
	if r.Credential != nil {
		a.groups = append(make([]uint32, 0, 1+len(r.Credential.Groups)), r.Credential.Groups...)
		a.groups = append(a.groups, 0) // an address also for none
	}
	return r.Check()
}

// convertLimits adds the limit of open files that gosv was started with, unless the
// request has one.
func (a *spawnArgs) convertLimits(r *sys.SpawnRequest) {
	original := originalNofile()
	for _, limit := range r.Rlimits {
		a.rlimits = append(a.rlimits, unix.Rlimit{Cur: limit.Soft, Max: limit.Hard})
		if limit.Resource == unix.RLIMIT_NOFILE {
			original = nil
		}
	}
	if original != nil {
		a.rlimits = append(a.rlimits, *original)
	}
}
