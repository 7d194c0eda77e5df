package linux_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// refuse makes system calls of this whole process fail, by a seccomp filter as containers
// have them (seccomp(2)).
func refuse(errno syscall.Errno, calls ...uint32) {
	const load, equal, yield = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	const refusal, allow = 0x00050000, 0x7fff0000 // SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW
	program := []unix.SockFilter{{Code: load, K: 0}}
	for _, nr := range calls {
		program = append(program, unix.SockFilter{Code: equal, Jf: 1, K: nr}, unix.SockFilter{Code: yield, K: refusal | uint32(errno)})
	}
	program = append(program, unix.SockFilter{Code: yield, K: allow})
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	check(unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	const setFilter, allThreads = 1, 1 // SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, setFilter, allThreads, uintptr(unsafe.Pointer(&filter))); errno != 0 {
		check(errno)
	}
}

// one starts a process and waits for the result.
func one(k *linux.Kernel, r sys.SpawnRequest) sys.SpawnResult {
	lastID++
	r.ID = lastID
	k.Spawn(r)
	for {
		if results := k.Spawned(); len(results) > 0 {
			return results[0]
		}
		k.Wait(k.Now() + patience)
	}
}

func init() {
	newAfter := func(errno syscall.Errno, calls ...uint32) func() {
		return func() {
			refuse(errno, calls...)
			k, err := linux.New(linux.Options{})
			if err != nil {
				fmt.Println(err)
				return
			}
			defer k.Shutdown(time.Second)
			plain := one(k, sys.SpawnRequest{Path: "/bin/true"})
			var fail *sys.SpawnError
			errors.As(one(k, sys.SpawnRequest{Path: "/bin/true", Cgroup: os.Getenv("GOSV_LINUX_TEST_CGROUP")}).Err, &fail)
			if fail == nil {
				fmt.Println(plain.Err, "| started")
				return
			}
			fmt.Println(plain.Err, "|", fail.Step, fail.Err)
		}
	}
	parts["pidfd_open unknown"] = newAfter(syscall.ENOSYS, unix.SYS_PIDFD_OPEN)
	parts["pidfd_send_signal refused"] = newAfter(syscall.EPERM, unix.SYS_PIDFD_SEND_SIGNAL)
	parts["waitid without pidfds"] = newAfter(syscall.EINVAL, unix.SYS_WAITID)
	parts["clone3 unknown"] = newAfter(syscall.ENOSYS, unix.SYS_CLONE3)
	parts["close_range unknown"] = newAfter(syscall.ENOSYS, unix.SYS_CLOSE_RANGE)
	parts["waitid fails later"] = func() {
		k, err := linux.New(linux.Options{})
		check(err)
		c := one(k, sys.SpawnRequest{Path: "sleep", Args: []string{"4321"}}).Child
		refuse(syscall.EINVAL, unix.SYS_WAITID)
		_, ended, peekErr := k.Peek(c.Handle)
		_, _, reapErr := k.Reap(c.Handle)
		alive := syscall.Kill(c.Pid, 0)
		check(k.Signal(c.Handle, syscall.SIGKILL))
		exited := []sys.Handle{}
		for deadline := k.Now() + patience; len(exited) == 0 && k.Now() < deadline; {
			k.Wait(deadline)
			exited = k.Exited()
		}
		fmt.Println(ended, peekErr, "|", reapErr, "|", alive, "|", len(exited))
	}
}

func TestAKernelWithoutWhatGosvNeedsIsRefusedWithASentence(t *testing.T) {
	for part, want := range map[string]string{
		"pidfd_open unknown":        "cannot supervise processes: pidfd_open: function not implemented; Linux 5.4 or newer is needed",
		"pidfd_send_signal refused": "cannot supervise processes: pidfd_send_signal: operation not permitted; allow it in the seccomp filter of this container",
		"waitid without pidfds":     "cannot supervise processes: waitid with P_PIDFD: invalid argument; Linux 5.4 or newer is needed",
	} {
		assert.Equal(t, want, runPart(t, part, ""), part)
	}
}

func TestWithoutClone3OnlyCgroupsAreMissing(t *testing.T) {
	dir := newCgroup(t)
	prefix := "export GOSV_LINUX_TEST_CGROUP=" + dir + ";"
	for part, want := range map[string]string{
		"clone3 unknown":      "<nil> | cgroup function not implemented",
		"close_range unknown": "<nil> | started",
	} {
		assert.Equal(t, want, runPart(t, part, prefix), part)
	}
}

// Any error of waitid was once taken for the end of a healthy service.
func TestAnErrorOfWaitidDoesNotSayThatTheChildIsGone(t *testing.T) {
	assert.Equal(t, "false invalid argument | invalid argument | <nil> | 1", runPart(t, "waitid fails later", ""))
}

func init() {
	parts["nofile without ptrace"] = func() {
		refuse(syscall.EPERM, unix.SYS_PTRACE)
		parts["nofile"]()
	}
	parts["nice values"] = func() {
		k, err := linux.New(linux.Options{})
		check(err)
		defer k.Shutdown(time.Second)
		one(k, sys.SpawnRequest{Path: "/bin/true"})
		values := map[string]bool{}
		stats, err := filepath.Glob("/proc/self/task/*/stat")
		check(err)
		for _, name := range stats {
			stat, err := os.ReadFile(name)
			check(err)
			_, fields, _ := strings.Cut(string(stat), ") ")
			values[strings.Fields(fields)[16]] = true
		}
		fmt.Println(values)
	}
}

func TestAChildHasTheLimitOfFilesAlsoWherePtraceIsRefused(t *testing.T) {
	assert.Equal(t, "123", runPart(t, "nofile without ptrace", "ulimit -Sn 123;"))
}

func TestEveryThreadKeepsTheNiceValueOfGosv(t *testing.T) {
	own, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0) // 20 minus the nice value
	require.NoError(t, err)
	want := fmt.Sprintf("map[%d:true]", min(20-own+5, 19))
	assert.Equal(t, want, runPart(t, "nice values", `exec nice -n 5 "$0";`))
}

func init() {
	parts["no descriptors"] = func() {
		k, err := linux.New(linux.Options{})
		check(err)
		check(unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 100, Max: 100}))
		descriptors := func() int {
			all, err := os.ReadDir("/proc/self/fd")
			check(err)
			return len(all) - 2*(k.Workers()-linux.MinWorkers) // a busy machine may need one worker more
		}
		time.Sleep(time.Microsecond) // Go opens two descriptors for its timers
		before, started, refused := descriptors(), 0, 0
		const many = 100
		for range many {
			lastID++
			k.Spawn(sys.SpawnRequest{ID: lastID, Path: "sleep", Args: []string{"4321"}, Env: os.Environ(), Stdout: &buffer{}, Stderr: &buffer{}})
		}
		for started+refused < many {
			k.Wait(sys.Never)
			for _, r := range k.Spawned() {
				var fail *sys.SpawnError
				switch {
				case r.Err == nil:
					started++
					check(k.Signal(r.Child.Handle, syscall.SIGSTOP))
				case errors.As(r.Err, &fail) && fail.Step == sys.StepPrepare && fail.Err == syscall.EMFILE:
					refused++
				default:
					check(r.Err)
				}
			}
		}
		for _, h := range k.Handles() {
			check(k.Signal(h, syscall.SIGKILL))
		}
		for started > 0 {
			k.Wait(k.Now() + 10*time.Millisecond)
			for _, h := range k.Exited() {
				_, _, err := k.Reap(h)
				check(err)
				k.Close(h)
				started--
			}
		}
		for deadline := k.Now() + patience; descriptors() > before && k.Now() < deadline; {
			time.Sleep(time.Millisecond)
		}
		if refused == 0 || descriptors() > before {
			fmt.Println(refused, "refused,", descriptors(), "descriptors, and", before, "before")
			return
		}
		fmt.Printf("some started, some met EMFILE, few workers: %v, nothing is left\n", k.Workers() <= 2*linux.MinWorkers)
	}
}
