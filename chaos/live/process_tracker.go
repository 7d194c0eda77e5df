package live

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// processTracker knows the processes of a run, including those without the mark. A program
// may overwrite its environment in memory, which is what /proc/PID/environ shows (Redis and
// PostgreSQL do, to set a process title), or clear it for its children. A process that was
// identified once stays known by its PID and start time, and its children by their parent.
type processTracker struct {
	mark  string
	mu    sync.Mutex
	known map[int]trackedProcess // by PID
}

type trackedProcess struct {
	start   uint64
	service string
}

func newProcessTracker(mark string) *processTracker {
	return &processTracker{mark: mark, known: map[int]trackedProcess{}}
}

// identify reads a process of the run. ok is false if it is gone or not of the run.
func (k *processTracker) identify(pid int) (p Process, ok bool) {
	p, marked := readProcess(pid)
	if p.Pid == 0 || marked && p.Run != k.mark {
		return p, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !marked {
		self, known := k.known[pid]
		if !known || self.start != p.StartTime {
			if self, known = k.known[p.Ppid]; !known || !startedAt(p.Ppid, self.start) {
				return p, false
			}
		}
		p.Run, p.Service = k.mark, self.service
	}
	k.known[pid] = trackedProcess{p.StartTime, p.Service}
	return p, true
}

// adoptUnmarked accepts the main process that the supervisor reported for a service, unless
// something contradicts it: it must have no mark, and its parent must be a child of this
// program, as the supervisor is.
func (k *processTracker) adoptUnmarked(pid int, service string) {
	p, marked := readProcess(pid)
	if p.Pid == 0 || marked {
		return
	}
	parent, ok := readStat(p.Ppid)
	if !ok || parent.Ppid != os.Getpid() {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known[pid].start != p.StartTime {
		k.known[pid] = trackedProcess{p.StartTime, service}
	}
}

// isKnown reports whether a process is known.
func (k *processTracker) isKnown(p Process) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.known[p.Pid]
	return ok && known.start == p.StartTime
}

func (k *processTracker) remember(p Process, service string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known[p.Pid] = trackedProcess{p.StartTime, service}
}

func startedAt(pid int, start uint64) bool {
	s, ok := readStat(pid)
	return ok && s.StartTime == start
}

// open opens a pidfd of a process of the run. The process that was read is the one of the
// pidfd, because it still lived afterwards.
func (k *processTracker) open(pid int) (fd int, p Process, ok bool) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1, p, false
	}
	p, ok = k.identify(pid)
	if !ok || hasExited(fd) {
		_ = unix.Close(fd)
		return -1, p, false
	}
	return fd, p, true
}

// kill kills a process of the run.
func (k *processTracker) kill(pid int) error {
	fd, _, ok := k.open(pid)
	if !ok {
		return unix.ESRCH
	}
	defer unix.Close(fd)
	return unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
}
