package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sys/unix"
)

// figures are what one run of one program gave.
type figures struct {
	start   time.Duration   // from its own start until all services run
	recover time.Duration   // from the first of n kills until all run again
	respawn []time.Duration // each from kill -9 to the replacement's first instruction
	stop    time.Duration   // from TERM until it has ended
	idle    *idleFigures    // only where asked for
}

// run measures one program once. kills is how many single kills it gets; idle
// is how long it is watched doing nothing, 0 for not at all.
func (b *bench) run(p peer, leaves string, kills int, idle time.Duration) (f figures, err error) {
	pids := map[int]int{} // by slot
	begin := monotonic()
	r, err := b.launch(p, leaves)
	if err != nil {
		return f, err
	}
	defer func() {
		if err != nil {
			r.abandon(pids)
			err = fmt.Errorf("%s: %w", p.name, err)
		}
	}()
	await := func(n int) (time.Duration, error) {
		reports, err := b.fifo.await(n, r.alive)
		for _, report := range reports {
			pids[report.Slot] = report.Pid
		}
		return last(reports), err
	}

	running, err := await(b.n)
	if err != nil {
		return f, err
	}
	f.start = running - begin
	if idle > 0 {
		if f.idle, err = watchIdle(r.cmd.Process.Pid, idle); err != nil {
			return f, err
		}
	}

	for range kills {
		begin = monotonic()
		if err := unix.Kill(pids[rand.IntN(b.n)], unix.SIGKILL); err != nil {
			return f, fmt.Errorf("cannot kill a service: %w", err)
		}
		if running, err = await(1); err != nil {
			return f, err
		}
		f.respawn = append(f.respawn, running-begin)
	}

	begin = monotonic()
	for _, pid := range pids {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil {
			return f, fmt.Errorf("cannot kill a service: %w", err)
		}
	}
	if running, err = await(b.n); err != nil {
		return f, err
	}
	f.recover = running - begin

	f.stop, err = r.stop()
	return f, err
}
