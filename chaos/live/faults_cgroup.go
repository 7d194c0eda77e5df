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

	testproc "github.com/gosv/gosv/testproc/live"
)

// leaf is the directory of the cgroup that the main process is in, if the supervisor
// made it.
func (t target) leaf() (string, error) {
	dir, ok := t.cgroupOf(strconv.Itoa(t.pid))
	own := t.supervisor.Cgroup()
	if supervisor, _ := t.cgroupOf(strconv.Itoa(t.supervisor.Pid())); !ok || own == "" || dir == supervisor || !strings.HasPrefix(dir, own+"/") {
		return "", unsupported("it has no cgroup of its own")
	}
	return dir, nil
}

// control finds a file of the service's cgroup, which the kernel or the controllers
// that are enabled may lack: in the leaf, or in the directory of the service above it.
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

// lacks says what a cgroup without a file lacks.
func whyMissing(file string) string {
	if controller, _, _ := strings.Cut(file, "."); controller != "cgroup" {
		return fmt.Sprintf("the %s controller is not there, or not delegated", controller)
	}
	return "this kernel is too old for it"
}

// set writes a file of a cgroup. That the cgroup is gone is ESRCH.
func writeCgroup(name, value string) error {
	err := os.WriteFile(name, []byte(value), 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
		return unix.ESRCH
	}
	return err
}

// squeeze sets a limit for a while, and puts back what was there.
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
	return effect{lethal: true}, writeCgroup(name, "1")
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

// squeezed is how long memory and processes are short.
const limitTime = time.Second

// squeezeMemory leaves half of what is used: the kernel takes back what it can, and
// then kills. The write that asks for it waits for that.
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
	return limitBlocking(name, strconv.FormatUint(used/2, 10), strings.TrimSpace(string(old))), nil
}

// squeezeTo sets a limit by a write that may take long.
func limitBlocking(name, value, old string) effect {
	written := make(chan error, 1)
	go func() { written <- writeCgroup(name, value) }()
	return effect{lasts: limitTime, undo: func() error {
		first := writeCgroup(name, old) // which ends the other write
		failed := <-written
		return errors.Join(unlessGone(first), unlessGone(failed), unlessGone(writeCgroup(name, old))) // it may have come first
	}}
}

// burstRoom is how many processes more a full cgroup has than before, and burstMax
// how many are started in any case.
const (
	burstRoom = 16
	burstMax  = 64
)

// forkBurst fills the cgroup with processes of its own, up to the limit.
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
	guests := t.fillers(leaf)
	restore := d.undo
	d.undo = func() error {
		for _, g := range guests {
			_ = g.Kill()
			_, _ = g.Wait()
		}
		return restore()
	}
	return d, nil
}

// guests are sleepers in a cgroup, as many as it takes.
func (t target) fillers(leaf string) (all []*os.Process) {
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
		g, err := os.StartProcess(path, append([]string{path}, args...), attr)
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
