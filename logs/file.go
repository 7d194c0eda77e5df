package logs

import (
	"os"
	"path/filepath"
	"time"
)

// lookPeriod is how often a File looks whether its path still leads to it.
const lookPeriod = time.Second

// File is the writer of a log file. It appends, and it opens the path again when the
// file was removed or renamed: at the end of a line, or where a write fails. One Destination
// uses it.
type File struct {
	path    string
	file    *os.File // nil: to be opened
	midLine bool
	looked  time.Time
}

// OpenFile opens the log file and makes its directory.
func OpenFile(path string) (*File, error) {
	f := &File{path: path}
	return f, f.open()
}

func (f *File) open() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	f.file, f.looked = file, time.Now()
	return nil
}

// Write implements io.Writer. A file that cannot be opened is tried again by every call.
func (f *File) Write(p []byte) (int, error) {
	if f.file != nil && !f.midLine && time.Since(f.looked) >= lookPeriod {
		f.look()
	}
	if f.file == nil {
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	n, err := f.file.Write(p)
	if n > 0 {
		f.midLine = p[n-1] != '\n'
	}
	if err != nil {
		f.look() // a removed file that stays open keeps its disk space
		if f.file == nil && f.open() == nil {
			more, err := f.file.Write(p[n:])
			if more > 0 {
				f.midLine = p[n+more-1] != '\n'
			}
			return n + more, err
		}
	}
	return n, err
}

// look closes the file if the path no longer leads to it.
func (f *File) look() {
	f.looked = time.Now()
	own, err := f.file.Stat()
	now, err2 := os.Stat(f.path)
	if err == nil && err2 == nil && os.SameFile(own, now) {
		return
	}
	f.Close()
}

// Close closes the file.
func (f *File) Close() {
	if f.file != nil {
		f.file.Close()
		f.file = nil
	}
}
