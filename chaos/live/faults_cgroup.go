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
		return "", refusal("it has no cgroup of its own")
	}
	return dir, nil
}

// control finds a file of the service's cgroup, which the kernel or the controllers
// that are enabled may lack: in the leaf, or in the directory of the service above it.
func (t target) control(file string) (string, error) {
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
	return "", refusal(fmt.Sprintf("its cgroup has no %s: %s", file, lacks(file)))
}

// lacks says what a cgroup without a file lacks.
func lacks(file string) string {
	if controller, _, _ := strings.Cut(file, "."); controller != "cgroup" {
		return fmt.Sprintf("the %s controller is not there, or not delegated", controller)
	}
	return "this kernel is too old for it"
}

// set writes a file of a cgroup. That the cgroup is gone is ESRCH.
func set(name, value string) error {
	err := os.WriteFile(name, []byte(value), 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
		return unix.ESRCH
	}
	return err
}

// squeeze sets a limit for a while, and puts back what was there.
func squeeze(name, value string, after time.Duration) (deed, error) {
	old, err := os.ReadFile(name)
	if err != nil {
		return deed{}, unix.ESRCH
	}
	d := deed{after: after, undo: func() error { return unlessGone(set(name, strings.TrimSpace(string(old)))) }}
	if err := set(name, value); err != nil {
		return deed{}, errors.Join(err, d.undo())
	}
	return d, nil
}

func killCgroup(t target, _ string) (deed, error) {
	name, err := t.control("cgroup.kill")
	if err != nil {
		return deed{}, err
	}
	return deed{lethal: true}, set(name, "1")
}

func freeze(t target, arg string) (deed, error) {
	after, err := time.ParseDuration(arg)
	if err != nil {
		return deed{}, err
	}
	name, err := t.control("cgroup.freeze")
	if err != nil {
		return deed{}, err
	}
	return squeeze(name, "1", after)
}

func squeezeCPU(t target, arg string) (deed, error) {
	after, err := time.ParseDuration(arg)
	if err != nil {
		return deed{}, err
	}
	name, err := t.control("cpu.max")
	if err != nil {
		return deed{}, err
	}
	return squeeze(name, "1000 100000", after)
}

// squeezed is how long memory and processes are short.
const squeezed = time.Second

// squeezeMemory leaves half of what is used: the kernel takes back what it can, and
// then kills. The write that asks for it waits for that.
func squeezeMemory(t target, _ string) (deed, error) {
	name, err := t.control("memory.max")
	if err != nil {
		return deed{}, err
	}
	used, err := readNumber(filepath.Join(filepath.Dir(name), "memory.current"))
	if err != nil {
		return deed{}, err
	}
	old, err := os.ReadFile(name)
	if err != nil {
		return deed{}, unix.ESRCH
	}
	return squeezeTo(name, strconv.FormatUint(used/2, 10), strings.TrimSpace(string(old))), nil
}

// squeezeTo sets a limit by a write that may take long.
func squeezeTo(name, value, old string) deed {
	written := make(chan error, 1)
	go func() { written <- set(name, value) }()
	return deed{after: squeezed, undo: func() error {
		first := set(name, old) // which ends the other write
		failed := <-written
		return errors.Join(unlessGone(first), unlessGone(failed), unlessGone(set(name, old))) // it may have come first
	}}
}

// burstRoom is how many processes more a full cgroup has than before, and burstMax
// how many are started in any case.
const (
	burstRoom = 16
	burstMax  = 64
)

// forkBurst fills the cgroup with processes of its own, up to the limit.
func forkBurst(t target, _ string) (deed, error) {
	name, err := t.control("pids.max")
	if err != nil {
		return deed{}, err
	}
	leaf, err := t.leaf()
	if err != nil {
		return deed{}, err
	}
	used, err := readNumber(filepath.Join(filepath.Dir(name), "pids.current"))
	if err != nil {
		return deed{}, err
	}
	d, err := squeeze(name, strconv.FormatUint(used+burstRoom, 10), squeezed)
	if err != nil {
		return deed{}, err
	}
	guests := t.guests(leaf)
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
func (t target) guests(leaf string) (all []*os.Process) {
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
