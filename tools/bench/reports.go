package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// report is what an instance of bench/c/pause.c says of itself: when its first
// instruction ran, on CLOCK_MONOTONIC.
type report struct {
	Slot    int
	Pid     int
	Spawned time.Duration
}

const reportSize = 16 // below PIPE_BUF, so that reports never mix

// fifo is the pipe into which all instances report.
type fifo struct {
	path string
	fd   int
}

func makeFIFO(path string) (*fifo, error) {
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return nil, fmt.Errorf("cannot make the FIFO %s: %w", path, err)
	}
	// Read and write: so it has a reader and a writer for as long as it is open.
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot open the FIFO %s: %w", path, err)
	}
	return &fifo{path, fd}, nil
}

func (f *fifo) close() { unix.Close(f.fd) }

// await collects the next n reports. It looks once a millisecond instead of
// waking for every one, so as not to compete with what it measures: the
// instants stand in the reports. alive is asked now and then whether the program
// under test is still there.
func (f *fifo) await(n int, alive func() error) ([]report, error) {
	const bound = time.Minute
	reports := make([]report, 0, n)
	buf := make([]byte, 64<<10)
	for begin := monotonic(); len(reports) < n; {
		got, err := unix.Read(f.fd, buf)
		switch {
		case err == nil:
			reports = append(reports, decode(buf[:got])...)
			continue
		case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR):
			return nil, fmt.Errorf("cannot read the FIFO: %w", err)
		}
		if err := alive(); err != nil {
			return nil, fmt.Errorf("after %d of %d services had started: %w", len(reports), n, err)
		}
		if monotonic()-begin > bound {
			return nil, fmt.Errorf("only %d of %d services started within %v", len(reports), n, bound)
		}
		time.Sleep(time.Millisecond)
	}
	if len(reports) > n {
		return nil, fmt.Errorf("%d services started where %d were expected", len(reports), n)
	}
	return reports, nil
}

func decode(buf []byte) []report {
	reports := make([]report, 0, len(buf)/reportSize)
	for ; len(buf) >= reportSize; buf = buf[reportSize:] {
		reports = append(reports, report{
			Slot:    int(binary.LittleEndian.Uint32(buf)),
			Pid:     int(binary.LittleEndian.Uint32(buf[4:])),
			Spawned: time.Duration(binary.LittleEndian.Uint64(buf[8:])),
		})
	}
	return reports
}

// last is the instant at which all of them were running.
func last(reports []report) time.Duration {
	var latest time.Duration
	for _, r := range reports {
		latest = max(latest, r.Spawned)
	}
	return latest
}

// monotonic is the clock that the instances report in.
func monotonic() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return time.Duration(ts.Nano())
}
