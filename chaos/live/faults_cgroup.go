package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"

	testproc "github.com/gosv/gosv/testproc/live"
)

// leaf returns the cgroup of the main process, if the supervisor made it.
func (t target) leaf() (string, error) {
	dir, ok := t.cgroupOf(strconv.Itoa(t.pid))
	own := t.supervisor.Cgroup()
	if supervisor, _ := t.cgroupOf(strconv.Itoa(t.supervisor.Pid())); !ok || own == "" || dir == supervisor || !strings.HasPrefix(dir, own+"/") {
		return "", unsupported("it has no cgroup of its own")
	}
	return dir, nil
}

// controlFile finds a file of the service's cgroup: in the leaf, or in the directory of the
// service above it. The kernel, or the enabled controllers, may lack it.
func (t target) controlFile(file string) (string, error) {
	leaf, err := t.leaf()
	if err != nil {
		return "", err
	}
	for _, dir := range []string{leaf, filepath.Dir(leaf)} {
		name := filepath.Join(dir, file)
		if _, err := os.Stat(name); err == nil && dir != t.supervisor.Cgroup() {
			return name, nil
		}
	}
	if !isDir(leaf) {
		return "", unix.ESRCH
	}
	return "", unsupported(fmt.Sprintf("its cgroup has no %s: %s", file, whyMissing(file)))
}

// whyMissing says why a cgroup lacks a file.
func whyMissing(file string) string {
	if controller, _, _ := strings.Cut(file, "."); controller != "cgroup" {
		return fmt.Sprintf("the %s controller is missing, or not delegated", controller)
	}
	return "this kernel is too old for it"
}

// writeCgroup writes a file of a cgroup. If the cgroup is gone, the error is ESRCH.
func writeCgroup(name, value string) error {
	err := os.WriteFile(name, []byte(value), 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
		return unix.ESRCH
	}
	return err
}

// limitFor sets a limit for a time. Undoing it restores the old value.
func limitFor(name, value string, after time.Duration) (effect, error) {
	old, err := os.ReadFile(name)
	if err != nil {
		return effect{}, unix.ESRCH
	}
	d := effect{lasts: after, undo: func() error { return unlessGone(writeCgroup(name, strings.TrimSpace(string(old)))) }}
	if err := writeCgroup(name, value); err != nil {
		return effect{}, errors.Join(err, d.undo())
	}
	return d, nil
}

func killCgroup(t target, _ string) (effect, error) {
	name, err := t.controlFile("cgroup.kill")
	if err != nil {
		return effect{}, err
	}
	return killed(), writeCgroup(name, "1")
}

func freeze(t target, arg string) (effect, error) {
	after, err := time.ParseDuration(arg)
	if err != nil {
		return effect{}, err
	}
	name, err := t.controlFile("cgroup.freeze")
	if err != nil {
		return effect{}, err
	}
	return limitFor(name, "1", after)
}

func limitCPU(t target, arg string) (effect, error) {
	after, err := time.ParseDuration(arg)
	if err != nil {
		return effect{}, err
	}
	name, err := t.controlFile("cpu.max")
	if err != nil {
		return effect{}, err
	}
	return limitFor(name, "1000 100000", after)
}

// limitTime is how long a limit on memory or processes stays in force, at most.
const limitTime = time.Second

// limitMemory sets memory.max to half of what is used: the kernel reclaims what it can, and
// then kills. The write waits for that. The limit ends with the main process, so that it
// does not kill the next run, too.
func limitMemory(t target, _ string) (effect, error) {
	name, err := t.controlFile("memory.max")
	if err != nil {
		return effect{}, err
	}
	used, err := readNumber(filepath.Join(filepath.Dir(name), "memory.current"))
	if err != nil {
		return effect{}, err
	}
	old, err := os.ReadFile(name)
	if err != nil {
		return effect{}, unix.ESRCH
	}
	d := limitBlocking(name, strconv.FormatUint(used/2, 10), strings.TrimSpace(string(old)))
	d.endsWhen = func(last chaos.Event) bool { return last.Pid != t.pid || last.To != lifecycle.Running.String() }
	return d, nil
}

// limitBlocking sets a limit with a write that may take long.
func limitBlocking(name, value, old string) effect {
	written := make(chan error, 1)
	go func() { written <- writeCgroup(name, value) }()
	return effect{lasts: limitTime, undo: func() error {
		first := writeCgroup(name, old) // which ends the other write
		failed := <-written
		return errors.Join(unlessGone(first), unlessGone(failed), unlessGone(writeCgroup(name, old))) // the other write may have come last
	}}
}

// burstRoom is how many processes the burst adds, and burstMax how many it tries to start.
const (
	burstRoom = 16
	burstMax  = 64
)

// forkBurst fills the cgroup with processes, up to a limit that it sets.
func forkBurst(t target, _ string) (effect, error) {
	name, err := t.controlFile("pids.max")
	if err != nil {
		return effect{}, err
	}
	leaf, err := t.leaf()
	if err != nil {
		return effect{}, err
	}
	used, err := readNumber(filepath.Join(filepath.Dir(name), "pids.current"))
	if err != nil {
		return effect{}, err
	}
	d, err := limitFor(name, strconv.FormatUint(used+burstRoom, 10), limitTime)
	if err != nil {
		return effect{}, err
	}
	leash := newLeash()
	fillers := t.fillers(leaf, leash)
	restore := d.undo
	d.undo = func() error {
		defer leash.Release()
		for _, g := range fillers {
			_ = g.Kill()
			_, _ = g.Wait()
		}
		return restore()
	}
	return d, nil
}

// fillers starts sleeping processes in a cgroup until no more can be started.
func (t target) fillers(leaf string, leash *leash) (all []*os.Process) {
	dir, err := os.Open(leaf)
	if err != nil {
		return nil
	}
	defer dir.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	defer null.Close()
	path, args := testproc.Command("sleep forever")
	attr := &os.ProcAttr{
		Env:   append(os.Environ(), MarkRun+"="+t.mark, MarkService+"="+t.service.Name),
		Files: []*os.File{null, null, null},
		Sys:   &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(dir.Fd()), Pdeathsig: syscall.SIGKILL},
	}
	for range burstMax {
		g, err := leash.Start(path, append([]string{path}, args...), attr)
		if err != nil {
			return all // EAGAIN: it is full
		}
		all = append(all, g)
	}
	return all
}

func readNumber(name string) (uint64, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, unix.ESRCH
	}
	return strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
}
