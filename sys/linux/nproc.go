package linux

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// ownThreads is how many threads this program may come to have by itself. Go ends
// a program that cannot have one more, and does not say how many there are.
const ownThreads = 20

// enoughThreads refuses to begin where RLIMIT_NPROC leaves no room for this
// program's own threads. What other programs of the user take of it is not
// known, and root is not bound by it (getrlimit(2)).
func enoughThreads() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &limit); err != nil || limit.Cur >= ownThreads || os.Getuid() == 0 {
		return nil
	}
	return fmt.Errorf("user %d may have %d processes and threads (RLIMIT_NPROC), and this program needs up to %d threads for itself: raise it with ulimit -u",
		os.Getuid(), limit.Cur, ownThreads)
}
