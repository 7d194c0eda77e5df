package linux

import "golang.org/x/sys/unix"

// MaxDescriptors returns how many descriptors this program may have (RLIMIT_NOFILE):
// Go has raised the soft limit to the hard one.
func MaxDescriptors() (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return int(min(limit.Cur, 1<<30)), nil
}

// OpenDescriptors counts those below a number that are open. It needs none itself.
func OpenDescriptors(below int) (open int) {
	for fd := range below {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			open++
		}
	}
	return open
}
