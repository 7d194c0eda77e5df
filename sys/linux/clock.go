package linux

import (
	"time"

	"golang.org/x/sys/unix"
)

// monotonic reads CLOCK_MONOTONIC, which is what package time counts by, from
// another origin.
func monotonic() time.Duration {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return time.Duration(ts.Nano())
}

// closeEnough is what two clocks that are read one after the other may be apart.
const closeEnough = 10 * time.Microsecond

// ahead returns how far one clock is ahead of another of the same speed. Between two
// readings this thread may have to wait for a processor, so the closest of several
// pairs counts.
func ahead(one, other func() time.Duration) (by time.Duration) {
	closest := time.Duration(-1)
	for try := 0; try < 100 && (closest < 0 || closest > closeEnough); try++ {
		before := other()
		at := one()
		if apart := other() - before; closest < 0 || apart < closest {
			closest, by = apart, at-before-apart/2
		}
	}
	return by
}
