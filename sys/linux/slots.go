package linux

import "golang.org/x/sys/unix"

// slots are two descriptors of one worker, for stdout and stderr of its next child.
// A child that shares gosv's descriptors keeps those below a limit when it gets a
// table of its own (see childFlags). What it needs must be there, so the slots are
// opened early. Between starts they are /dev/null.
type slots [2]int

// reserve opens the slots.
func (s *slots) reserve(null int) error {
	*s = slots{-1, -1}
	for i := range s {
		fd, err := unix.FcntlInt(uintptr(null), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			s.close()
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
		if fd > 2 {
			unix.Close(fd)
		}
	}
}
