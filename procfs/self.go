package procfs

import (
	"errors"
	"fmt"

	"github.com/gosv/gosv/sys"
)

// ErrForeign means that /proc does not show the processes of the caller.
var ErrForeign = errors.New("/proc does not show this machine's processes")

// CheckSelf checks that /proc shows the PID namespace of the caller, whose own PID is
// pid. ErrForeign means that /proc is not mounted (as in a chroot), or was mounted in
// another namespace (as by unshare --pid without --mount-proc): then every PID in it
// belongs to a process of that namespace.
func CheckSelf(f sys.FileReader, pid int) error {
	const file = "/proc/self/stat"
	text, err := f.ReadFile(file)
	if err != nil {
		if err = explain(file, err); errors.Is(err, ErrGone) {
			err = fmt.Errorf("%w: it is not mounted", ErrForeign)
		}
		return err
	}
	s, err := ParseStat(text)
	if err != nil {
		return fmt.Errorf("cannot understand %s: %w", file, err)
	}
	if s.Pid != pid {
		return fmt.Errorf("%w: it shows another PID namespace, where this process is PID %d and not %d", ErrForeign, s.Pid, pid)
	}
	return nil
}
