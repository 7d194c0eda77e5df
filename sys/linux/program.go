package linux

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// flaw is why a file cannot be executed.
type flaw struct {
	errno syscall.Errno // what execve(2) answers
	hint  string        // the cause, as a clause about "it"
}

// maxInterpreters is how often an interpreter may itself be a script (exec_binprm of
// fs/exec.c).
const maxInterpreters = 5

// examine finds what is wrong with a program, without executing it. It returns nil if
// nothing is, or if the file may not be read.
func examine(dir, program string) *flaw { return examineNested(dir, program, 0) }

func examineNested(dir, program string, depth int) *flaw {
	path := under(dir, program)
	if f := examineFile(path); f != nil {
		return f
	}
	head := firstBytes(path)
	switch interpreter, isScript := parseShebang(head); {
	case head == nil:
		return nil
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return examineELF(path)
	case isScript && depth == maxInterpreters:
		return &flaw{syscall.ELOOP, "its interpreters are scripts that need further interpreters"}
	case isScript:
		return examineInterpreter(dir, interpreter, depth)
	case len(head) == 0:
		return &flaw{syscall.ENOEXEC, "the file is empty"}
	case knowsOtherFormats():
		return nil
	}
	return &flaw{syscall.ENOEXEC, "it is neither a program for this machine nor a script that begins with #!"}
}

func examineInterpreter(dir, interpreter string, depth int) *flaw {
	f := examineNested(dir, interpreter, depth+1)
	if f == nil {
		return nil
	}
	clause, aboutIt := strings.CutPrefix(f.hint, "it ")
	switch {
	case strings.HasSuffix(interpreter, "\r"):
		clause = " does not exist: the file has DOS line ends"
	case aboutIt:
		clause = " " + clause
	default:
		clause = " cannot be executed: " + f.hint
	}
	return &flaw{f.errno, fmt.Sprintf("its interpreter %q%s", interpreter, clause)}
}

// examineFile checks what execve(2) checks before it reads the file.
func examineFile(path string) *flaw {
	var st unix.Stat_t
	if err := stat(path, &st); err != nil {
		f := &flaw{errno: errnoOf(err)}
		switch f.errno {
		case syscall.ENOENT:
			f.hint = doesNotExist
		case syscall.EACCES:
			f.hint = closedDirectory(path)
		}
		return f
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		return &flaw{syscall.EACCES, "it is a directory"}
	default:
		return &flaw{syscall.EACCES, "it is not a regular file"}
	}
	if err := executable(path); err != nil {
		return &flaw{errnoOf(err), whyNotExecutable(path, &st)}
	}
	return nil
}

func stat(path string, st *unix.Stat_t) error {
	_, err := retry(func() (int, error) { return 0, unix.Stat(path, st) })
	return err
}

// closedDirectory names the directory of a path that may not be searched.
func closedDirectory(path string) string {
	parents := []string{}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		parents = append(parents, dir)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for i := len(parents) - 1; i >= 0; i-- {
		if unix.Access(parents[i], unix.X_OK) == unix.EACCES {
			return fmt.Sprintf("it is in the directory %q, which gosv may not enter (no x permission)", parents[i])
		}
	}
	return ""
}

func whyNotExecutable(path string, st *unix.Stat_t) string {
	var fs unix.Statfs_t
	switch {
	case st.Mode&0o111 == 0:
		return fmt.Sprintf("it is not executable: chmod +x %s", quoteWord(path))
	case unix.Statfs(path, &fs) == nil && fs.Flags&unix.ST_NOEXEC != 0:
		return "it is on a file system that is mounted noexec"
	}
	return fmt.Sprintf("it is not executable for user %d: its mode is %#o and its owner %d", os.Geteuid(), st.Mode&0o7777, st.Uid)
}

// quoteWord makes a path safe to paste into a shell.
func quoteWord(path string) string {
	if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
