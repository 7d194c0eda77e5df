package live

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
)

// stdout opens the pipe that is the stdout of the main process.
func (t target) stdout() (fd int, err error) {
	fd, err = unix.Open(fmt.Sprintf("/proc/%d/fd/1", t.pid), unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENOENT):
		return -1, unsupported("its stdout is closed")
	case err != nil:
		return -1, err
	}
	var st unix.Stat_t
	err = unix.Fstat(fd, &st)
	switch {
	case err == nil && st.Mode&unix.S_IFMT != unix.S_IFIFO:
		err = unsupported("its stdout is not a pipe")
	case err == nil && !t.alive(t.pid): // then another process may have the PID
		err = unix.ESRCH
	}
	if err != nil {
		_ = unix.Close(fd)
	}
	return fd, err
}

// holdOutput holds the pipe open after every process of the service has ended.
func holdOutput(t target, arg string) (effect, error) {
	fd, err := t.stdout()
	if err != nil {
		return effect{}, err
	}
	d, err := pause(arg, func() error { return unix.Close(fd) })
	if err != nil {
		return effect{}, errors.Join(err, unix.Close(fd))
	}
	return t.killMainAfter(d)
}

// The size of a flood, and the longest time that it may take.
const (
	floodBytes = 10 << 20
	floodBound = 5 * time.Second
)

// flood writes lines to the pipe of the service as fast as they are read.
func flood(t target, _ string) (effect, error) {
	fd, err := t.stdout()
	if err != nil {
		return effect{}, err
	}
	return startFlood(fd), nil
}

// startFlood starts a flood, which ends when everything was read.
func startFlood(fd int) effect {
	var stop, done atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		writeFlood(fd, &stop)
		done.Store(true)
	}()
	return effect{lasts: floodBound, endsWhen: func(chaos.Event) bool { return done.Load() }, undo: func() error {
		stop.Store(true)
		<-ended
		return unix.Close(fd)
	}}
}

// writeFlood writes a flood. The kernel writes pieces of up to PIPE_BUF bytes completely or not
// at all, pipe(7), so lines stay whole.
func writeFlood(fd int, stop *atomic.Bool) {
	const pipeBuf = 4096
	piece := bytes.Repeat([]byte("a line of the flood that gosv chaos writes, of 64 bytes in all.\n"), pipeBuf/64)
	for left := floodBytes; left > 0 && !stop.Load(); {
		switch _, err := unix.Write(fd, piece); err {
		case nil:
			left -= len(piece)
		case unix.EAGAIN:
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, int(pollInterval.Milliseconds()))
		case unix.EINTR:
		default:
			return
		}
	}
}

// Logger is a supervisor whose log goes to a file of chaos, through a shared descriptor.
type Logger interface{ log() *logFile }

// fullLog makes every write to the log fail.
func fullLog(t target, arg string) (effect, error) {
	s, ok := t.supervisor.(Logger)
	if !ok || s.log() == nil {
		return effect{}, unsupported("this supervisor's log does not go to a file of chaos")
	}
	d, err := pause(arg, s.log().makeWritable)
	if err != nil {
		return effect{}, err
	}
	return d, s.log().makeFull()
}

// logFile is a file that a supervisor writes its log to. The supervisor shares the open file
// description, and with it the offset of the next write, open(2). At the largest offset
// of a file each write fails with EFBIG, as it fails with ENOSPC on a full disk.
type logFile struct{ *os.File }

func newLogFile(name string) (*logFile, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return &logFile{file}, err
}

// makeFull makes every write fail.
func (l *logFile) makeFull() error {
	most, err := l.maxSize()
	if err == nil {
		_, err = l.Seek(most, 0)
	}
	return err
}

// makeWritable lets writes succeed again. It drops what was written, so that a long run does
// not fill the disk.
func (l *logFile) makeWritable() error {
	if err := l.Truncate(0); err != nil {
		return err
	}
	_, err := l.Seek(0, 0)
	return err
}

// maxSize returns the largest size of a file on this file system, beyond which lseek(2) fails.
func (l *logFile) maxSize() (int64, error) {
	probe, err := os.Open(l.Name()) // with an offset of its own
	if err != nil {
		return 0, err
	}
	defer probe.Close()
	low, high := int64(0), int64(1<<63-1)
	for low < high {
		middle := low + (high-low)/2 + 1
		if _, err := probe.Seek(middle, 0); err != nil {
			high = middle - 1
		} else {
			low = middle
		}
	}
	return low, nil
}

// tail returns the last part of what was written.
func (l *logFile) tail() string {
	info, err := l.Stat()
	if err != nil {
		return ""
	}
	from := max(0, info.Size()-tailMax)
	text := make([]byte, info.Size()-from)
	n, _ := l.ReadAt(text, from)
	return string(text[:n])
}
