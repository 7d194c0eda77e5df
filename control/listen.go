package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys/linux"
)

// ErrInUse reports that another process listens on the socket.
var ErrInUse = errors.New("the socket is in use")

// Listener is a unix socket and its file.
type Listener struct {
	*net.UnixListener
	path string
	file os.FileInfo // nil: the socket was inherited, its file is not ours
}

// Listen makes a socket that only root, this user and members of group may use
// (-1: no group). A file of a socket on which no process listens is replaced. The
// directory is made if only its last element is missing.
func Listen(path string, group int) (*Listener, error) {
	l, err := listen(path, group)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", path, err)
	}
	return l, nil
}

func listen(path string, group int) (*Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path has %d bytes, and a socket's may have %d (unix(7)); name a shorter one with --socket", len(path), maxSocketPath)
	}
	dir := filepath.Dir(path)
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := checkUnused(path); err != nil {
		return nil, err
	}
	// The socket gets its mode and group under another name, so that no client can
	// connect before, and replaces a stale one in one step.
	temporary := filepath.Join(dir, ".gosv."+strconv.Itoa(os.Getpid()))
	_ = os.Remove(temporary) // of a process that had the same PID
	u, err := net.ListenUnix("unix", &net.UnixAddr{Name: temporary, Net: "unix"})
	if err != nil {
		return nil, err
	}
	u.SetUnlinkOnClose(false)
	info, err := publish(temporary, path, group)
	if err != nil {
		_ = os.Remove(temporary)
		_ = u.Close()
		return nil, err
	}
	return &Listener{UnixListener: u, path: path, file: info}, nil
}

// maxSocketPath leaves room for the NUL, and for the temporary name where that is longer.
const maxSocketPath = 107 - len(".gosv.4194304")

func publish(temporary, path string, group int) (os.FileInfo, error) {
	mode := os.FileMode(0o600)
	if group >= 0 {
		mode = 0o660
		if err := os.Chown(temporary, -1, group); err != nil {
			return nil, err
		}
	}
	if err := os.Chmod(temporary, mode); err != nil {
		return nil, err
	}
	if err := os.Rename(temporary, path); err != nil {
		return nil, err
	}
	return os.Lstat(path)
}

// lock keeps two gosv from replacing the same stale socket at once.
func lock(dir string) (unlock func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = d.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(deadline) {
			_ = d.Close()
			return nil, fmt.Errorf("cannot lock the directory: %w", err)
		}
	}
}

// checkUnused reports what stands in the way of a socket at the path.
func checkUnused(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("the file that is there is not a socket; name another path with --socket, or remove it")
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil // stale: its process has ended
	}
	if err != nil {
		return fmt.Errorf("cannot find out whether a process listens there: %w", err)
	}
	defer conn.Close()
	peer, err := linux.PeerOf(conn.(*net.UnixConn))
	if err != nil {
		return fmt.Errorf("%w by another process", ErrInUse)
	}
	return fmt.Errorf("%w by PID %d%s; stop it, or name another path with --socket", ErrInUse, peer.PID, comm(peer.PID))
}

// comm is the name of a process for people, with a space before it; empty if it
// cannot be read.
func comm(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || len(text) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s)", text[:len(text)-1])
}

// Path is where clients find the socket; empty: its file is unknown.
func (l *Listener) Path() string { return l.path }

// Missing reports whether the file of the socket was removed or replaced.
func (l *Listener) Missing() bool {
	if l.file == nil {
		return false
	}
	info, err := os.Lstat(l.path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(info, l.file)
}

// Close stops listening and removes the file if it is still this socket's.
func (l *Listener) Close() error {
	if l.file != nil && !l.Missing() {
		_ = os.Remove(l.path)
	}
	return l.UnixListener.Close()
}

// firstInherited is SD_LISTEN_FDS_START of sd_listen_fds(3).
const firstInherited = 3

// Inherited returns the listener that the parent process handed over by
// LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, as sd_listen_fds(3) has it; nil if
// there is none. With several descriptors it is the one named "control".
func Inherited(getenv func(string) string) (*Listener, error) {
	if getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(getenv("LISTEN_FDS"))
	if err != nil || n < 1 {
		return nil, nil
	}
	fd := firstInherited + inheritedIndex(getenv("LISTEN_FDNAMES"), n)
	syscall.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "control socket")
	defer f.Close() // FileListener makes a descriptor of its own
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on the inherited descriptor %d: %w", fd, err)
	}
	u, ok := l.(*net.UnixListener)
	if !ok {
		_ = l.Close()
		return nil, fmt.Errorf("cannot listen on the inherited descriptor %d: it is not a unix socket", fd)
	}
	u.SetUnlinkOnClose(false)
	return &Listener{UnixListener: u, path: u.Addr().String()}, nil
}

func inheritedIndex(names string, n int) int {
	return max(0, slices.Index(strings.Split(names, ":")[:min(n, 1+strings.Count(names, ":"))], "control"))
}
