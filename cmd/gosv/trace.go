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

// openTrace creates the file of --trace. It must be a regular file: the loop writes
// to it, and a pipe or a terminal without a reader would block the loop.
func openTrace(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("--trace: %s is not a regular file", name)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--trace: %w", err)
	}
	return file, nil
}

// recorded returns the kernel for the supervisor: itself, or one that records its
// calls in the file.
func recorded(kernel sys.Kernel, file *os.File) (sys.Kernel, *recording) {
	if file == nil {
		return kernel, nil
	}
	r := &recording{tracesys.New(kernel, file), file}
	return r, r
}

// end writes the rest of the trace. After an error the trace is incomplete.
func (r *recording) end() error {
	if r == nil {
		return nil
	}
	err := r.Flush()
	if closing := r.file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("the trace is incomplete: %w", err)
	}
	return nil
}
