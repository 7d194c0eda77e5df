package fakesys

import (
	"path"
	"strings"
	"syscall"

	"github.com/gosv/gosv/testproc"
)

// TestprocPath is a program that runs the script of its arguments "testproc" SCRIPT, like
// the real one of testproc/live.
const TestprocPath = "/usr/bin/testproc"

// FileKind is the result of execve(2) of a file.
type FileKind uint8

const (
	Program            FileKind = iota // runs
	NotExecutable                      // EACCES
	Empty                              // ENOEXEC
	MissingInterpreter                 // ENOENT, though the file is there
	Busy                               // ETXTBSY: it is open for writing
	Looping                            // ELOOP: a symbolic link to itself
	IOError                            // EIO: the disk is broken
	Hanging                            // execve does not return until Thaw
)

var execErrno = map[FileKind]syscall.Errno{
	NotExecutable: syscall.EACCES, Empty: syscall.ENOEXEC, MissingInterpreter: syscall.ENOENT,
	Busy: syscall.ETXTBSY, Looping: syscall.ELOOP, IOError: syscall.EIO,
}

// missingInterpreter is the interpreter in the #! line of such a file.
const missingInterpreter = "/usr/bin/no-such-interpreter"

// file is a program, a directory or a file that cannot be executed.
type file struct {
	kind FileKind
	dir  bool
	ops  []testproc.Op
	hung []*spawning // spawns whose execve waits for Thaw
}

// AddProgram creates a program that runs the script whatever its arguments are, and the
// directories above it.
func (w *World) AddProgram(name, script string) {
	w.AddFile(name, Program)
	w.files[name].ops = w.script(script)
}

// script parses a script and panics if it is wrong.
func (w *World) script(text string) []testproc.Op {
	ops, err := w.parse(text)
	if err != nil {
		panic("fakesys: " + err.Error())
	}
	return ops
}

// parse parses a script, once for each text.
func (w *World) parse(text string) ([]testproc.Op, error) {
	if ops, ok := w.scripts[text]; ok {
		return ops, nil
	}
	ops, err := testproc.Parse(text)
	if err == nil {
		w.scripts[text] = ops
	}
	return ops, err
}

// AddFile creates or replaces a file, and creates the directories above it.
func (w *World) AddFile(name string, kind FileKind) {
	w.AddDir(path.Dir(name))
	w.files[name] = &file{kind: kind}
}

// AddDir creates a directory and those above it.
func (w *World) AddDir(name string) {
	for ; w.files[name] == nil; name = path.Dir(name) {
		w.files[name] = &file{dir: true}
	}
}

// RemoveFile removes a file, or a directory but not its entries.
func (w *World) RemoveFile(name string) { delete(w.files, name) }

// Thaw makes a file of kind Hanging a program, and lets the execve calls that hang in it
// continue.
func (w *World) Thaw(name string) {
	f := w.files[name]
	f.kind = Program
	hung := f.hung
	f.hung = nil
	for _, s := range hung {
		w.after(0, "exec goes on", s.exec)
	}
}

// lookupFile resolves a path as far as its directories exist.
func (w *World) lookupFile(name string) (*file, syscall.Errno) {
	switch {
	case len(name) >= 4096:
		return nil, syscall.ENAMETOOLONG
	case name == "":
		return nil, syscall.ENOENT
	}
	if f := w.files[name]; f != nil {
		return f, 0
	}
	if len(path.Base(name)) > 255 {
		return nil, syscall.ENAMETOOLONG
	}
	if strings.HasPrefix(name, "/proc/self/") || name == "/proc/self" {
		return nil, syscall.ENOENT
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if f := w.files[dir]; f != nil {
			if !f.dir {
				return nil, syscall.ENOTDIR
			}
			return nil, syscall.ENOENT
		}
		if dir == "/" || dir == "." {
			return nil, syscall.ENOENT
		}
	}
}

// defaultPath is searched if the environment has no PATH.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// lookPath searches the PATH of an environment for a program (execvp(3)). An empty element
// is the working directory. After EACCES the search continues, and EACCES is returned if
// no later element has the program.
func (w *World) lookPath(name, cwd string, env []string) (string, syscall.Errno) {
	errno := syscall.ENOENT
	for dir := range strings.SplitSeq(getenv(env, "PATH", defaultPath), ":") {
		full := path.Join(dir, name)
		if !path.IsAbs(full) {
			full = path.Join(cwd, full)
		}
		f := w.files[full]
		switch {
		case f == nil || f.dir:
		case f.kind == NotExecutable:
			errno = syscall.EACCES
		default:
			return full, 0
		}
	}
	return "", errno
}

func getenv(env []string, name, absent string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v
		}
	}
	return absent
}
