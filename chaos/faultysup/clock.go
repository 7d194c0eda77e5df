package faultysup

import (
	"time"

	"github.com/gosv/gosv/sys"
)

// RunClockFast makes the clock run 1.5 times too fast.
func RunClockFast(k sys.Kernel) sys.Kernel { return runClockFast{k} }

type runClockFast struct{ sys.Kernel }

func (k runClockFast) Now() time.Duration { return k.Kernel.Now() * 3 / 2 }

func (k runClockFast) Wait(until time.Duration) sys.Reason { return k.Kernel.Wait(until / 3 * 2) }

// AdvanceClock puts the clock 5 ms ahead.
func AdvanceClock(k sys.Kernel) sys.Kernel { return advanceClock{k} }

type advanceClock struct{ sys.Kernel }

const ahead = 5 * time.Millisecond

func (k advanceClock) Now() time.Duration { return k.Kernel.Now() + ahead }

func (k advanceClock) Wait(until time.Duration) sys.Reason {
	return k.Kernel.Wait(max(ahead, until) - ahead)
}

// BusyWait returns from every Wait at once.
func BusyWait(k sys.Kernel) sys.Kernel { return busyWait{k} }

type busyWait struct{ sys.Kernel }

func (k busyWait) Wait(time.Duration) sys.Reason { return k.Kernel.Wait(0) }

// Oversleep waits 50 s beyond every deadline.
func Oversleep(k sys.Kernel) sys.Kernel { return oversleep{k} }

type oversleep struct{ sys.Kernel }

func (k oversleep) Wait(until time.Duration) sys.Reason {
	if until != sys.Never {
		until += 50 * time.Second
	}
	return k.Kernel.Wait(until)
}
