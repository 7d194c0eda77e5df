package linux

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// si_code of SIGCHLD, see sigaction(2).
const (
	cldExited  = 1
	cldKilled  = 2
	cldDumped  = 3
	cldStopped = 5
)

// childInfo reads si_pid and si_status, which package unix does not name.
func childInfo(info *unix.Siginfo) (pid, status int) {
	sifields := (*struct {
		_      [4]int32 // si_signo, si_errno, si_code, padding
		Pid    int32
		Uid    uint32
		Status int32
	})(unsafe.Pointer(info))
	return int(sifields.Pid), int(sifields.Status)
}
