package cgroupfs

import (
	"errors"
	"syscall"
)

// IsGone tells whether an error means that the group does not exist (any more).
func IsGone(err error) bool {
	return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENODEV)
}

// IsBusy tells whether an error means that the group still has members or
// directories in it, or that it may not have members: try again once it is empty.
func IsBusy(err error) bool { return errors.Is(err, syscall.EBUSY) }

// ErrNoKill says that the kernel has no cgroup.kill (it came with Linux 5.14):
// Freeze the group, kill each of Procs, and Thaw it.
var ErrNoKill = errors.New("this kernel has no cgroup.kill")

// isShortage tells whether the machine lacked something for the call just then, so
// that nothing is known of what it was about.
func isShortage(err error) bool {
	for _, number := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOLCK, syscall.EINTR} {
		if errors.Is(err, number) {
			return true
		}
	}
	return false
}

// isDenied tells whether the group belongs to somebody else.
func isDenied(err error) bool {
	return errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EROFS)
}

// errno strips an error to its number, for sentences that name the file already.
func errno(err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	return err
}
