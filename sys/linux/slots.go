package linux

import (
	"math"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A child begins with a copy of gosv's table of descriptors, which has thousands
// of entries when there are a thousand services: copying them at birth and
// closing them at exec would cost more than the rest of the start. So the child
// shares the table (CLONE_FILES) until it makes one of its own by
// close_range(2) with CLOSE_RANGE_UNSHARE, which copies only what is below the
// range. What it needs has to stand there: in the slots of the thread that
// starts it, descriptors that were opened early and are therefore low.

// slots are two descriptors of one thread, for stdout and stderr of the next
// child. Between starts they are /dev/null.
type slots [2]int

// reserve opens the slots.
func (s *slots) reserve(null int) error {
	for i := range s {
		fd, err := unix.FcntlInt(uintptr(null), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return err
		}
		s[i] = fd
	}
	return nil
}

// fill puts a descriptor into a slot; null empties it.
func (s *slots) fill(i, fd int) {
	_, _ = retry(func() (int, error) { return 0, unix.Dup3(fd, s[i], unix.O_CLOEXEC) }) // EBADF is a bug, and would show at once
}

// above is the first descriptor that a child does not need.
func (s *slots) above(null int) int { return max(2, null, s[0], s[1]) + 1 }

func (s *slots) close() {
	for _, fd := range s {
		unix.Close(fd)
	}
}

// copied is above the highest descriptor that any child may have a copy of.
var copied atomic.Int32

// reach takes account of the children that will be born from these slots.
func (s *slots) reach(null int) {
	above := int32(math.MaxInt32)
	if sharedFiles() != 0 {
		above = int32(s.above(null))
	}
	copied.Store(max(copied.Load(), above))
}

// sharedFiles is CLONE_FILES where the kernel has close_range (Linux 5.9).
// Elsewhere every child copies the whole table.
var sharedFiles = sync.OnceValue(func() uint64 {
	if unix.CloseRange(math.MaxInt32, math.MaxInt32, 0) != nil {
		return 0
	}
	return unix.CLONE_FILES
})
