package live

import (
	"time"

	"golang.org/x/sys/unix"
)

// Now reads the clock of all events, CLOCK_MONOTONIC.
func Now() time.Duration { return now() }

func now() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return time.Duration(ts.Nano())
}
