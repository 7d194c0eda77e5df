package backend

import (
	"bytes"
	"os"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/gosv/gosv/control/api"
)

// Files reads small files of /proc and of the cgroup file system.
type Files interface {
	ReadFile(path string) ([]byte, error)
}

// readers is how many files are read at once: a cgroup with many processes
// takes long to sum up.
const readers = 4

// addUsage reads what running services use.
func (b *Board) addUsage(services []api.Service) {
	var next sync.Mutex
	var all sync.WaitGroup
	i := 0
	take := func() *api.Service {
		next.Lock()
		defer next.Unlock()
		if i == len(services) {
			return nil
		}
		i++
		return &services[i-1]
	}
	for range min(readers, len(services)) {
		all.Go(func() {
			for svc := take(); svc != nil; svc = take() {
				if svc.Status.PID != 0 || svc.Status.Cgroup != "" {
					svc.Status.Usage = b.usage(svc.Name, svc.Status.Cgroup, svc.Status.PID)
				}
			}
		})
	}
	all.Wait()
}

func (b *Board) usage(service, cgroup string, pid int) *api.Usage {
	u := &api.Usage{Source: api.OfCgroup, At: b.opt.Clock.Wall()}
	if cgroup != "" && b.readCgroup(u, service, cgroup) {
		return u
	}
	u.Source = api.OfProcess
	if pid != 0 && b.readProcess(u, pid) {
		return u
	}
	return nil
}

// readCgroup reports false when the cgroup does not count memory or CPU time.
func (b *Board) readCgroup(u *api.Usage, service, cgroup string) bool {
	memory, err := b.opt.Files.ReadFile(cgroup + "/memory.current")
	if above := path.Dir(cgroup); err != nil && path.Base(above) == service {
		cgroup = above // the controllers are on in the service's directory only
		memory, err = b.opt.Files.ReadFile(cgroup + "/memory.current")
	}
	if err != nil {
		return false
	}
	cpu, err := b.opt.Files.ReadFile(cgroup + "/cpu.stat")
	if err != nil {
		return false
	}
	u.MemoryBytes = number(bytes.TrimSpace(memory))
	u.CPUSeconds = seconds(time.Duration(number(valueOf(cpu, "usage_usec"))) * time.Microsecond)
	return true
}

// clockTick is USER_HZ, which is 100 on every architecture that Linux offers to Go; proc(5).
const clockTick = 10 * time.Millisecond

// readProcess reads the main process: proc_pid_stat(5) and proc_pid_statm(5).
func (b *Board) readProcess(u *api.Usage, pid int) bool {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := b.opt.Files.ReadFile(dir + "/stat")
	if err != nil {
		return false
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 22 {
		return false
	}
	u.CPUSeconds = seconds(time.Duration(number(fields[11])+number(fields[12])) * clockTick)
	u.MemoryBytes = number(fields[21]) * int64(os.Getpagesize())
	return true
}

// valueOf finds a line "name value".
func valueOf(text []byte, name string) []byte {
	for line := range bytes.Lines(text) {
		if rest, found := bytes.CutPrefix(line, []byte(name+" ")); found {
			return bytes.TrimSpace(rest)
		}
	}
	return nil
}

// number reads a decimal number; anything else is 0.
func number(text []byte) int64 {
	n, _ := strconv.ParseInt(string(text), 10, 64)
	return n
}
