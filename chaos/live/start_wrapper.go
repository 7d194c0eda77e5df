package live

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/config"
	testproc "github.com/gosv/gosv/testproc/live"
)

// startWrapperArg is the first argument of a process that is a start wrapper.
const startWrapperArg = "chaos-start-wrapper"

// startWrapper is a script in a temporary directory through which a service is started. Its
// interpreter is gosv, which carries out an instruction if there is one, and then
// executes the service's own program. So a start can be made to fail without touching the
// user's program.
type startWrapper struct{ script string }

// newStartWrapper writes the script, and returns the service as it is to be configured.
func newStartWrapper(dir, interpreter string, svc config.Service) (startWrapper, config.Service, error) {
	s := startWrapper{filepath.Join(dir, strings.ReplaceAll(svc.Name, "/", "+"))}
	text := fmt.Sprintf("#!%s %s\n", interpreter, startWrapperArg)
	// The kernel reads no more of the line than this, and knows no quotes, execve(2).
	if len(text) > 255 || strings.ContainsAny(interpreter, " \t\n") {
		return s, svc, CannotRun{fmt.Errorf("the path of gosv is too long, or contains a space: %q", interpreter)}
	}
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err == nil && st.Flags&unix.ST_NOEXEC != 0 {
		return s, svc, CannotRun{fmt.Errorf("programs in %s cannot be executed (noexec): name another directory in TMPDIR", dir)}
	}
	svc.Args = append([]string{svc.Command}, svc.Args...)
	svc.Command = s.script
	return s, svc, os.WriteFile(s.script, []byte(text), 0o700)
}

func (s startWrapper) instructionFile() string { return s.script + ".instruction" }
func (s startWrapper) hiddenPath() string      { return s.script + ".hidden" }

// instruct leaves an instruction for the next start.
func (s startWrapper) instruct(text string) error {
	return os.WriteFile(s.instructionFile(), []byte(text), 0o600)
}

// done reports whether the instruction was taken.
func (s startWrapper) done() bool {
	_, err := os.Stat(s.instructionFile())
	return errors.Is(err, os.ErrNotExist)
}

// cancel removes an instruction that was not taken.
func (s startWrapper) cancel() error {
	if err := os.Remove(s.instructionFile()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// RunIfRequested makes this process a start wrapper if it was started as one, and then
// does not return. It must be called first in the main function of the program that
// [Gosv] starts.
func RunIfRequested() {
	if len(os.Args) >= 4 && os.Args[1] == startWrapperArg {
		err := startWrapper{os.Args[2]}.execute()
		if err == nil {
			err = execProgram(os.Args[3:])
		}
		fmt.Fprintf(os.Stderr, "gosv chaos: cannot start %s: %v\n", os.Args[3], err)
		os.Exit(127)
	}
}

// execute carries out the instruction for this start, if there is one.
func (s startWrapper) execute() error {
	text, err := os.ReadFile(s.instructionFile())
	if err != nil || os.Remove(s.instructionFile()) != nil {
		return nil // there is none, or it was cancelled
	}
	verb, arg, _ := strings.Cut(string(text), " ")
	switch verb {
	case "exit":
		var status int
		if _, err := fmt.Sscan(arg, &status); err != nil {
			return err
		}
		os.Exit(status)
	case "sleep":
		d, err := time.ParseDuration(arg)
		time.Sleep(d)
		return err
	case "testproc": // a child that ends before the service begins
		return runTestproc(arg)
	}
	return fmt.Errorf("unknown instruction %q", text)
}

func runTestproc(script string) error {
	path, args := testproc.Command(script)
	child, err := os.StartProcess(path, append([]string{path}, args...), &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		return err
	}
	_, err = child.Wait()
	return err
}

// defaultPath is searched if the environment has no PATH, as gosv does.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// execProgram executes a program by the rules of execvp(3).
func execProgram(words []string) error {
	if strings.Contains(words[0], "/") {
		return syscall.Exec(words[0], words, os.Environ())
	}
	path, given := os.LookupEnv("PATH")
	if !given {
		path = defaultPath
	}
	err := error(unix.ENOENT)
	for dir := range strings.SplitSeq(path, ":") {
		if dir == "" {
			dir = "."
		}
		if failed := syscall.Exec(dir+"/"+words[0], words, os.Environ()); failed != unix.ENOENT && failed != unix.ENOTDIR {
			err = failed
		}
	}
	return err
}
