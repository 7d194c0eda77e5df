package linux

import (
	"bytes"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// execHint looks for what execve(2) does not say: which file of several was
// missing.
func execHint(dir, program string, errno syscall.Errno) string {
	path := under(dir, program)
	switch errno {
	case syscall.ENOEXEC:
		if head := firstBytes(path); head != nil && len(head) == 0 {
			return "the file is empty"
		}
		return "it is neither a program for this machine nor a script that begins with #!"
	case syscall.EACCES:
		var st unix.Stat_t
		if unix.Stat(path, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
			return "it is a directory"
		}
	case syscall.ENOENT, syscall.ENOTDIR:
	default:
		return ""
	}
	head := firstBytes(path)
	if head == nil {
		return ""
	}
	interpreter, isScript := parseShebang(head)
	if !isScript {
		if errno == syscall.ENOENT {
			return "the file exists, but the loader that it asks for does not: it was built for another system"
		}
		return ""
	}
	switch executable(under(dir, interpreter)) {
	case nil:
		return ""
	case unix.EACCES:
		return fmt.Sprintf("its interpreter %q is not executable", interpreter)
	}
	if bytes.HasSuffix([]byte(interpreter), []byte("\r")) {
		return fmt.Sprintf("its interpreter %q does not exist: the file has DOS line ends", interpreter)
	}
	return fmt.Sprintf("its interpreter %q does not exist", interpreter)
}

// parseShebang reads the interpreter as fs/binfmt_script.c does.
func parseShebang(head []byte) (interpreter string, ok bool) {
	line, ok := bytes.CutPrefix(head, []byte("#!"))
	if !ok {
		return "", false
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	line = bytes.Trim(line, " \t")
	if i := bytes.IndexAny(line, " \t\x00"); i >= 0 {
		line = line[:i]
	}
	return string(line), len(line) > 0
}

// firstBytes gives the beginning of a regular file, nil if it cannot be read.
func firstBytes(path string) []byte {
	var st unix.Stat_t
	fd, err := open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil
	}
	buf := make([]byte, 256) // BINPRM_BUF_SIZE
	n, err := retry(func() (int, error) { return unix.Read(fd, buf) })
	if err != nil {
		return nil
	}
	return buf[:n]
}
