package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// Pid implements sys.Self.
func (k *Kernel) Pid() int { return os.Getpid() }

// BecomeSubreaper implements sys.Self.
func (k *Kernel) BecomeSubreaper() error {
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}
