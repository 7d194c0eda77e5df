package main

import (
	"fmt"
	"os"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/tracesys"
)

// recording is the trace of --trace; nil without.
type recording struct {
	*tracesys.Kernel
	file *os.File
}

// openTrace makes the file of --trace. It must be a regular one: the loop writes
// to it, and a pipe or a terminal that nobody reads would stop it.
func openTrace(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("--trace: %s is no regular file; name one on a disk that does not hang", name)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--trace: %w", err)
	}
	return file, nil
}

// recorded gives the kernel that the supervisor is to use: itself, or one that
// records into the file.
func recorded(kernel sys.Kernel, file *os.File) (sys.Kernel, *recording) {
	if file == nil {
		return kernel, nil
	}
	r := &recording{tracesys.New(kernel, file), file}
	return r, r
}

// end completes the file. The error says that the trace is not whole.
func (r *recording) end() error {
	if r == nil {
		return nil
	}
	err := r.Flush()
	if closing := r.file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("the trace is not whole: %w", err)
	}
	return nil
}
