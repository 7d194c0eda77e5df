package tracesys

import (
	"errors"
	"strconv"
	"syscall"
)

// errnos are the errors that the calls of package sys are known to give.
var errnos = map[syscall.Errno]string{
	syscall.E2BIG: "E2BIG", syscall.EACCES: "EACCES", syscall.EAGAIN: "EAGAIN", syscall.EBADF: "EBADF", syscall.EBUSY: "EBUSY",
	syscall.ECHILD: "ECHILD", syscall.EEXIST: "EEXIST", syscall.EFAULT: "EFAULT", syscall.EFBIG: "EFBIG", syscall.EINTR: "EINTR",
	syscall.EINVAL: "EINVAL", syscall.EIO: "EIO", syscall.EISDIR: "EISDIR", syscall.ELOOP: "ELOOP", syscall.EMFILE: "EMFILE",
	syscall.ENAMETOOLONG: "ENAMETOOLONG", syscall.ENFILE: "ENFILE", syscall.ENODEV: "ENODEV", syscall.ENOENT: "ENOENT",
	syscall.ENOEXEC: "ENOEXEC", syscall.ENOMEM: "ENOMEM", syscall.ENOSPC: "ENOSPC", syscall.ENOSYS: "ENOSYS",
	syscall.ENOTDIR: "ENOTDIR", syscall.ENOTEMPTY: "ENOTEMPTY", syscall.ENOTTY: "ENOTTY", syscall.ENXIO: "ENXIO",
	syscall.EOPNOTSUPP: "EOPNOTSUPP", syscall.EPERM: "EPERM", syscall.EPIPE: "EPIPE", syscall.ERANGE: "ERANGE", syscall.EROFS: "EROFS",
	syscall.ESRCH: "ESRCH", syscall.ETXTBSY: "ETXTBSY",
}

// errnoName gives the name of an errno: that of errno(3), or E and a number.
func errnoName(errno syscall.Errno) string {
	if name, ok := errnos[errno]; ok {
		return name
	}
	return "E" + strconv.Itoa(int(errno))
}

// errnoOf takes the errno out of an error of package sys, which always has one.
func errnoOf(err error) syscall.Errno {
	if err == nil {
		return 0
	}
	var errno syscall.Errno
	if errors.As(err, &errno) && errno != 0 {
		return errno
	}
	return syscall.EIO
}
