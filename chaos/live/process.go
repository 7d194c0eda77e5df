package live

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/procfs"
)

// Process is a process with the mark of a run.
type Process struct {
	procfs.Stat
	Run, Service string
	Env          []string
}

// readProcess reads a process, and whether it has a mark. It returns the zero value if the
// process is gone, is a zombie, or cannot be read.
func readProcess(pid int) (p Process, marked bool) {
	stat, ok := readStat(pid)
	if !ok || !stat.Alive() {
		return p, false
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return p, false
	}
	env, _ := procfs.ParseEnviron(text)
	p = Process{Stat: stat, Env: env}
	p.Run, _ = procfs.Getenv(env, MarkRun)
	p.Service, _ = procfs.Getenv(env, MarkService)
	return p, p.Run != "" && p.Service != ""
}

func readStat(pid int) (procfs.Stat, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procfs.Stat{}, false
	}
	stat, err := procfs.ParseStat(text)
	return stat, err == nil
}

// isAlive reports whether a process that was read still lives.
func isAlive(p Process) bool {
	now, ok := readStat(p.Pid)
	return ok && now.StartTime == p.StartTime && now.Alive()
}

// commandLine returns the command line of a process.
func commandLine(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return string(text)
}

// pids returns the PIDs of all visible processes.
func pids() ([]int, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var all []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			all = append(all, pid)
		}
	}
	return all, nil
}

// hasExited reports whether the process of a pidfd has ended: the pidfd is readable,
// pidfd_open(2).
func hasExited(fd int) bool {
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		if err != unix.EINTR {
			return n > 0
		}
	}
}
