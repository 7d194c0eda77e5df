package fakesys

import (
	"path"
	"strings"
	"syscall"

	"github.com/gosv/gosv/testproc"
)

// PuppetPath is a program that runs the script given to it, as real testprocs do:
// with the arguments "testproc" and the script.
const TestprocPath = "/usr/bin/testproc"

// FileKind says what execve(2) makes of a file.
type FileKind uint8

const (
	Program            FileKind = iota // runs
	NotExecutable                      // EACCES
	Empty                              // ENOEXEC
	MissingInterpreter                 // ENOENT, though the file is there
	Busy                               // ETXTBSY: somebody writes to it
	Looping                            // ELOOP: a symbolic link to itself
	IOError                            // EIO: the disk is broken
	Hanging                            // execve does not return until Thaw
)

var execErrno = map[FileKind]syscall.Errno{
	NotExecutable: syscall.EACCES, Empty: syscall.ENOEXEC, MissingInterpreter: syscall.ENOENT,
	Busy: syscall.ETXTBSY, Looping: syscall.ELOOP, IOError: syscall.EIO,
}

// missingInterpreter is what the #! line of a file of that kind names.
const missingInterpreter = "/usr/bin/no-such-interpreter"

// file is an entry of the fake's file names: a program, a directory or something
// that cannot be executed.
type file struct {
	kind FileKind
	dir  bool
	ops  []testproc.Op
	hung []*start // execs that wait for Thaw
}

// AddProgram makes a program that runs the script whatever its arguments.
// Directories above it come into being.
func (w *World) AddProgram(name, script string) {
	w.AddFile(name, Program)
	w.files[name].ops = w.script(script)
}

// script is parse for scripts of tests, which must be right.
func (w *World) script(text string) []testproc.Op {
	ops, err := w.parse(text)
	if err != nil {
		panic("fakesys: " + err.Error())
	}
	return ops
}

// parse reads a script once.
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

// AddFile makes or replaces a file of some kind, with the directories above it.
func (w *World) AddFile(name string, kind FileKind) {
	w.AddDir(path.Dir(name))
	w.files[name] = &file{kind: kind}
}

// AddDir makes a directory and those above it.
func (w *World) AddDir(name string) {
	for ; w.files[name] == nil; name = path.Dir(name) {
		w.files[name] = &file{dir: true}
	}
}

// RemoveFile takes a file or a directory without its entries away.
func (w *World) RemoveFile(name string) { delete(w.files, name) }

// Thaw lets the execs go on that hang in a file of kind Hanging, which becomes
// a program.
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

// defaultPath is searched where the environment has no PATH.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// lookPath searches the PATH of an environment for a program (execvp(3)): an
// empty element is the working directory, and EACCES is remembered while a later
// one may have it.
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
