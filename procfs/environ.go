package procfs

import (
	"bytes"
	"strings"

	"github.com/gosv/gosv/sys"
)

// ReadEnviron reads /proc/PID/environ: the environment with which the process executed
// its program, as NAME=value. It shows the memory of the process, so a program that
// writes a title there (setproctitle(3)) changes it, and after fork(2) it is the
// parent's until execve(2). The environment of a zombie is empty or ErrGone, depending on the
// kernel.
func ReadEnviron(f sys.FileReader, pid int) ([]string, error) {
	return read(f, pid, "environ", ParseEnviron)
}

// ParseEnviron splits at NUL bytes. It never fails; empty strings, as a title
// written over the environment leaves them, are dropped.
func ParseEnviron(text []byte) ([]string, error) {
	var env []string
	for entry := range bytes.SplitSeq(text, []byte{0}) {
		if len(entry) > 0 {
			env = append(env, string(entry))
		}
	}
	return env, nil
}

// Getenv returns the value of the first entry NAME=value, as getenv(3) does.
func Getenv(env []string, name string) (value string, ok bool) {
	for _, entry := range env {
		if n, v, found := strings.Cut(entry, "="); found && n == name {
			return v, true
		}
	}
	return "", false
}
