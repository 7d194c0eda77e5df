package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The guest begins a line with one of these to talk to the host. What it prints
// between them is the program's output.
const (
	beginMark  = "\x01vmrun begins"
	statusMark = "\x01vmrun exit "
)

// maxTries is how often a machine is started that dies before the program begins.
const maxTries = 3

// run starts the machine and gives the program's exit status.
func (m machine) run(words []string) (status int, err error) {
	dir, err := os.MkdirTemp("", "vmrun-")
	if err != nil {
		return noResult, err
	}
	defer os.RemoveAll(dir)
	initramfs := filepath.Join(dir, "initramfs")
	if err := m.writeInitramfs(initramfs, words); err != nil {
		return noResult, err
	}
	for try := 1; ; try++ {
		r, err := m.boot(initramfs)
		if r.done {
			return r.status, nil
		}
		err = fmt.Errorf("the machine ended without a result: %w; what it printed before the program began:\n%s", err, r.console)
		if r.begun || try == maxTries {
			return noResult, err // a second try would hide what the program did
		}
	}
}

func (m machine) command(initramfs string) *exec.Cmd {
	qemu, console, arch := "qemu-system-x86_64", "ttyS0", []string{"-cpu", "max"}
	if m.arch == "arm64" {
		qemu, console, arch = "qemu-system-aarch64", "ttyAMA0", []string{"-machine", "virt", "-cpu", "cortex-a72"}
	}
	if m.qemu != "" {
		qemu = m.qemu
	}
	params := strings.Join([]string{"console=" + console, "loglevel=2", "panic=-1", "oops=panic", "psi=1", m.params}, " ")
	args := append(arch, "-accel", m.accel, "-m", strconv.Itoa(m.memory), "-smp", strconv.Itoa(m.cpus),
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-kernel", m.kernel, "-initrd", initramfs,
		"-append", params, "-chardev", "stdio,id=port,signal=off", "-serial", "chardev:port")
	if m.diskMiB > 0 {
		args = append(args, "-blockdev", fmt.Sprintf("driver=null-co,node-name=disk,size=%d,read-zeroes=on", m.diskMiB<<20), "-device", "nvme,serial=disk,drive=disk")
	}
	cmd := exec.Command(qemu, args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// result is what came of one boot.
type result struct {
	begun, done bool
	status      int
	console     string
}

// boot starts QEMU once, and copies the program's output to stdout.
func (m machine) boot(initramfs string) (r result, err error) {
	runtime.LockOSThread() // Pdeathsig is about the thread that forks
	defer runtime.UnlockOSThread()
	cmd := m.command(initramfs)
	port, err := cmd.StdoutPipe()
	if err != nil {
		return r, err
	}
	if err := cmd.Start(); err != nil {
		return r, err
	}
	expired := false
	timer := time.AfterFunc(m.limit, func() {
		expired = true
		_ = cmd.Process.Kill()
	})
	r.read(port, os.Stdout)
	err = cmd.Wait()
	timer.Stop()
	switch {
	case expired:
		err = fmt.Errorf("it was killed after %v", m.limit)
	case err == nil:
		err = fmt.Errorf("it powered off")
	}
	return r, err
}

// read takes the serial port's lines.
func (r *result) read(port io.Reader, out io.Writer) {
	lines := bufio.NewReaderSize(port, 64<<10)
	for {
		line, err := lines.ReadString('\n')
		line = strings.ReplaceAll(line, "\r", "")
		if before, after, ok := strings.Cut(line, statusMark); ok {
			fmt.Fprint(out, before)
			r.status, _ = strconv.Atoi(strings.TrimSpace(after))
			r.done = true
		} else if strings.Contains(line, beginMark) {
			r.begun = true
		} else if r.begun {
			fmt.Fprint(out, line)
		} else {
			r.console += line
		}
		if err != nil {
			return
		}
	}
}
