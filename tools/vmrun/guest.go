package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// guest is the first process of the virtual machine.
func guest() {
	prepare()
	rawConsole()
	text, err := os.ReadFile("/job.json")
	var j job
	if err == nil {
		err = json.Unmarshal(text, &j)
	}
	if err != nil {
		powerOff(noResult, err)
	}
	fmt.Println(beginMark)
	env := append([]string{"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TMPDIR=/tmp", "GOSV_VM=1"}, j.Env...)
	if j.Init {
		_ = os.Chdir(j.Dir)
		powerOff(noResult, syscall.Exec(j.Args[0], j.Args, env))
	}
	powerOff(run(j, env))
}

// prepare mounts what a machine has, and writes the files that programs look up.
func prepare() {
	for _, m := range []struct{ source, target, kind, options string }{
		{"proc", "/proc", "proc", ""},
		{"sysfs", "/sys", "sysfs", ""},
		{"dev", "/dev", "devtmpfs", ""},
		{"pts", "/dev/pts", "devpts", "ptmxmode=666"},
		{"shm", "/dev/shm", "tmpfs", ""},
		{"tmp", "/tmp", "tmpfs", "mode=1777"},
		{"run", "/run", "tmpfs", "mode=755"},
		{"cgroup2", "/sys/fs/cgroup", "cgroup2", ""},
	} {
		_ = os.MkdirAll(m.target, 0o755)
		if err := syscall.Mount(m.source, m.target, m.kind, 0, m.options); err != nil && !errors.Is(err, syscall.EBUSY) {
			fmt.Printf("vmrun: cannot mount %s: %v\n", m.target, err)
		}
	}
	for path, text := range map[string]string{
		"/etc/passwd": "root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
		"/etc/group":  "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n",
	} {
		_ = os.MkdirAll("/etc", 0o755)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			fmt.Println("vmrun:", err)
		}
	}
	for _, dir := range []string{"/root", "/home/user", "/var/tmp"} {
		_ = os.MkdirAll(dir, 0o755)
	}
	loopbackUp()
}

// run starts the program and waits for it. As the first process of the machine it
// reaps orphans meanwhile.
func run(j job, env []string) (status int, err error) {
	pid, err := syscall.ForkExec(j.Args[0], j.Args, &syscall.ProcAttr{
		Dir: j.Dir, Env: env, Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return noResult, fmt.Errorf("cannot start %s: %w", j.Args[0], err)
	}
	for {
		var ended syscall.WaitStatus
		got, err := syscall.Wait4(-1, &ended, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return noResult, err
		case got == pid && ended.Signaled():
			return 128 + int(ended.Signal()), fmt.Errorf("the program was killed by %v", ended.Signal())
		case got == pid:
			return ended.ExitStatus(), nil
		}
	}
}

func powerOff(status int, err error) {
	if err != nil {
		fmt.Println("vmrun:", err)
	}
	fmt.Printf("%s%d\n", statusMark, status)
	_ = ioctl(1, tcsbrk, 1) // wait until the port has sent everything
	_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

// ioctl_tty(2): TCSBRK with an argument other than 0 is tcdrain(3).
const tcsbrk = 0x5409

// rawConsole turns off the translation of newlines and the echo.
func rawConsole() {
	var modes syscall.Termios
	if err := ioctl(1, syscall.TCGETS, uintptr(unsafe.Pointer(&modes))); err != nil {
		fmt.Println("vmrun: cannot read the terminal's modes:", err)
		return
	}
	modes.Oflag, modes.Lflag, modes.Iflag = 0, 0, 0
	_ = ioctl(1, syscall.TCSETS, uintptr(unsafe.Pointer(&modes)))
}

func ioctl(fd, request, argument uintptr) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, request, argument); errno != 0 {
		return errno
	}
	return nil
}

// loopbackUp is "ip link set lo up" (netdevice(7)).
func loopbackUp() {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer syscall.Close(socket)
	var request struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], "lo")
	request.flags = syscall.IFF_UP | syscall.IFF_RUNNING
	_ = ioctl(uintptr(socket), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
}
