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

// standInWord is the first argument of a process that is a stand-in.
const startWrapperArg = "chaos-stand-in"

// standIn is a program in a temporary directory that a service is started by: a script
// whose interpreter is gosv, which obeys an order if there is one, and then becomes
// the service's own program. So a start can be made to fail, without the user's
// program being touched.
type startWrapper struct{ script string }

// newStandIn writes the program into a directory, and gives the service as it is to be
// configured.
func newStartWrapper(dir, interpreter string, svc config.Service) (startWrapper, config.Service, error) {
	s := startWrapper{filepath.Join(dir, svc.Name)}
	text := fmt.Sprintf("#!%s %s\n", interpreter, startWrapperArg)
	// execve(2): no more of the line than this is read, and it has no quotes.
	if len(text) > 255 || strings.ContainsAny(interpreter, " \t\n") {
		return s, svc, CannotRun{fmt.Errorf("the path of gosv is too long, or has a space: %q", interpreter)}
	}
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err == nil && st.Flags&unix.ST_NOEXEC != 0 {
		return s, svc, CannotRun{fmt.Errorf("nothing can be executed in %s (noexec): name another directory in TMPDIR", dir)}
	}
	svc.Args = append([]string{svc.Command}, svc.Args...)
	svc.Command = s.script
	return s, svc, os.WriteFile(s.script, []byte(text), 0o700)
}

func (s startWrapper) instructionFile() string { return s.script + ".order" }
func (s startWrapper) hiddenPath() string      { return s.script + ".away" }

// orders is an order to the next start. It is over when it was obeyed.
func (s startWrapper) instruct(text string) error {
	return os.WriteFile(s.instructionFile(), []byte(text), 0o600)
}

func (s startWrapper) done() bool {
	_, err := os.Stat(s.instructionFile())
	return errors.Is(err, os.ErrNotExist)
}

// recall takes an order back that was not obeyed.
func (s startWrapper) cancel() error {
	if err := os.Remove(s.instructionFile()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Hook makes this process a stand-in if it was started as one, and then does not
// return. It belongs at the beginning of the main of the program that [Gosv] starts.
func RunIfRequested() {
	if len(os.Args) >= 4 && os.Args[1] == startWrapperArg {
		err := startWrapper{os.Args[2]}.execute()
		if err == nil {
			err = execProgram(os.Args[3:])
		}
		fmt.Fprintf(os.Stderr, "gosv chaos: %s cannot be started: %v\n", os.Args[3], err)
		os.Exit(127)
	}
}

// obey does what was ordered of this start.
func (s startWrapper) execute() error {
	text, err := os.ReadFile(s.instructionFile())
	if err != nil || os.Remove(s.instructionFile()) != nil {
		return nil // there is none, or it was recalled
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
		after, err := time.ParseDuration(arg)
		time.Sleep(after)
		return err
	case "testproc": // a child, which has what it is to do before the service begins
		path, args := testproc.Command(arg)
		child, err := os.StartProcess(path, append([]string{path}, args...), &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
		if err != nil {
			return err
		}
		_, err = child.Wait()
		return err
	}
	return fmt.Errorf("%q is no order", text)
}

// defaultPath is searched where the environment has no PATH, as gosv does.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// become executes a program by the rules of execvp(3).
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
		if is := syscall.Exec(dir+"/"+words[0], words, os.Environ()); is != unix.ENOENT && is != unix.ENOTDIR {
			err = is
		}
	}
	return err
}
