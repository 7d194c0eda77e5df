package linux

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// defaultPath is searched where the environment has no PATH.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// lookPath finds the program of a request by the rules of execvp(3): a path
// with a slash is taken as it stands, an empty element of PATH is the working
// directory, and a candidate without permission is remembered while the search
// goes on. What it returns is for the child, after its chdir.
func lookPath(r *sys.SpawnRequest) (string, *sys.SpawnError) {
	if strings.Contains(r.Path, "/") {
		return r.Path, nil
	}
	errno := syscall.ENOENT
	if r.Path != "" {
		for elem := range strings.SplitSeq(pathOf(r.Env), ":") {
			if elem == "" {
				elem = "."
			}
			candidate := elem + "/" + r.Path
			switch executable(under(r.Dir, candidate)) {
			case nil:
				return candidate, nil
			case unix.EACCES:
				errno = syscall.EACCES
			}
		}
	}
	return "", &sys.SpawnError{Step: sys.StepLookup, Path: r.Path, Err: errno, Hint: lookupHint(errno)}
}

func lookupHint(errno syscall.Errno) string {
	if errno == syscall.EACCES {
		return "it is in PATH, but not executable"
	}
	return "it is not in PATH"
}

func pathOf(env []string) string {
	for _, e := range env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			return path
		}
	}
	return defaultPath
}

// executable returns the error that execve(2) would return for the file itself.
func executable(path string) error {
	var st unix.Stat_t
	if _, err := retry(func() (int, error) { return 0, unix.Stat(path, &st) }); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return unix.EACCES
	}
	_, err := retry(func() (int, error) { return 0, unix.Access(path, unix.X_OK) })
	return err
}
