package live

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
)

// exitStatus asks the kernel how the process of a pidfd ended (PIDFD_GET_INFO with
// PIDFD_INFO_EXIT, Linux 6.15). The kernel knows it from the moment at which the parent has
// reaped the process; until then the answer is not final. An older kernel never knows.
func exitStatus(fd int) (status chaos.ExitStatus, final bool) {
	info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
	if err := unix.IoctlPidfdInfo(fd, &info); err != nil {
		return chaos.ExitStatus{}, true
	}
	if info.Mask&unix.PIDFD_INFO_EXIT == 0 {
		return chaos.ExitStatus{}, false
	}
	return statusOf(syscall.WaitStatus(info.Exit_code)), true
}

// statusOf reads a status of wait(2).
func statusOf(wait syscall.WaitStatus) chaos.ExitStatus {
	switch {
	case wait.Signaled():
		return chaos.ExitStatus{Known: true, Signal: wait.Signal()}
	case wait.Exited():
		return chaos.ExitStatus{Known: true, Code: wait.ExitStatus()}
	}
	return chaos.ExitStatus{}
}
