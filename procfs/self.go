package procfs

import (
	"errors"
	"fmt"

	"github.com/gosv/gosv/sys"
)

// ErrForeign says that /proc does not show the processes of the caller.
var ErrForeign = errors.New("/proc does not show this machine's processes")

// CheckSelf tells whether /proc shows the pid namespace of the caller, whose own
// number is pid. ErrForeign says that it is not mounted (as in a chroot), or that it
// was mounted in another namespace (as by unshare --pid without --mount-proc): then
// every number in it is somebody else's.
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
		return fmt.Errorf("%w: it is that of another pid namespace, in which this process is %d and not %d", ErrForeign, s.Pid, pid)
	}
	return nil
}
