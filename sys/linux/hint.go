package linux

import (
	"bytes"
	"syscall"

	"golang.org/x/sys/unix"
)

// execHint is the cause of an error of execve(2), as far as the files show it now.
func execHint(dir, program string, errno syscall.Errno) string {
	if f := examine(dir, program); f != nil && f.errno == errno && f.hint != doesNotExist {
		return f.hint
	}
	if errno == syscall.ENOEXEC {
		return "it is neither a program for this machine nor a script that begins with #!"
	}
	return ""
}

// doesNotExist is the hint that says no more than ENOENT.
const doesNotExist = "it does not exist"

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

// firstBytes returns the beginning of a regular file, or nil if it cannot be read.
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
