package linux

import "golang.org/x/sys/unix"

// TerminalSize is how many columns and rows the terminal at a descriptor has
// (TIOCGWINSZ, tty_ioctl(4)); 0 for what is not a terminal or does not say.
func TerminalSize(fd int) (columns, rows int) {
	size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
	if err != nil {
		return 0, 0
	}
	return int(size.Col), int(size.Row)
}
