package cgroupfs

import (
	"errors"
	"syscall"
)

// IsGone reports whether an error means that the cgroup does not exist (any more).
func IsGone(err error) bool {
	return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENODEV)
}

// IsBusy reports whether an error means that the cgroup still has members or
// directories in it, or that it may not have members: try again once it is empty.
func IsBusy(err error) bool { return errors.Is(err, syscall.EBUSY) }

// ErrNoKill means that the kernel has no cgroup.kill, which came with Linux 5.14.
// Freeze the cgroup, kill each of Procs, and Thaw it.
var ErrNoKill = errors.New("this kernel has no cgroup.kill")

// isShortage reports whether a call failed for lack of descriptors, memory or the
// like, so that it says nothing about the cgroup.
func isShortage(err error) bool {
	for _, number := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOLCK, syscall.EINTR} {
		if errors.Is(err, number) {
			return true
		}
	}
	return false
}

// isDenied reports whether gosv may not change the cgroup.
func isDenied(err error) bool {
	return errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EROFS)
}

// errno returns the errno in an error, for sentences that name the file already.
func errno(err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	return err
}
