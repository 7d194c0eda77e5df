package supervisor

import (
	"time"

	"github.com/gosv/gosv/sys"
)

// orphanKernel is what orphanReaper asks of the kernel.
type orphanKernel interface {
	Orphans() (sys.Orphans, error)
	AnyZombie() (int, sys.Status, error)
	ReapPid(pid int) (sys.Status, error)
}

// siblingPause is how long after an exit all children are looked through for zombies
// that are no orphans. That costs the more the more children there are, so many exits
// are followed by one look.
const siblingPause = time.Second / 2

// maxReaped bounds the zombies that one turn reaps.
const maxReaped = 256

// orphanReaper reaps adopted processes, and what services made with CLONE_PARENT.
type orphanReaper struct {
	*core
	k        orphanKernel
	siblings *alarm // looks for zombies among all children
	more     *alarm // goes on where a turn had enough
	failing  failing
	deaths   int // reaped so far

	abandoned abandonedChildren
}

// owner says whose a zombie among all children is.
type owner uint8

const (
	noOwner   owner = iota
	held            // a main process whose zombie is held; it hides those behind it
	exitTaken       // a main process whose exit has just been taken
)

// reap reaps the orphans that have exited, and reports whether there were any.
func (o *orphanReaper) reap() bool {
	for n := 0; ; n++ {
		orphans, err := o.k.Orphans()
		if o.failed(err) || orphans.Zombie == 0 {
			return n > 0
		}
		if n == maxReaped {
			o.set(o.more, o.now())
			return true
		}
		if !o.take(orphans.Zombie) {
			return n > 0
		}
	}
}

// reapSiblings reaps zombies of which no service is known among all children. What
// hides them goes by itself: then they are looked for again. spawning: the zombie may
// be the child of a spawn that has no result yet.
func (o *orphanReaper) reapSiblings(whose func(pid int) owner, spawning bool) (any bool) {
	for range maxReaped {
		pid, _, err := o.k.AnyZombie()
		if o.failed(err) || pid == 0 {
			return any
		}
		who := whose(pid)
		if who == exitTaken {
			continue
		}
		if who == held || spawning || !o.take(pid) {
			break
		}
		any = true
	}
	o.soon(o.siblings, siblingPause)
	return any
}

func (o *orphanReaper) failed(err error) bool {
	if o.failing.first(err) {
		o.report(OrphanScanFailed{Err: err})
	}
	return err != nil
}

// take reaps one zombie.
func (o *orphanReaper) take(pid int) bool {
	st, err := o.k.ReapPid(pid)
	if err != nil {
		o.report(OrphanReapFailed{PID: pid, Err: err})
		return false
	}
	o.deaths++
	o.report(OrphanReaped{PID: pid, Status: st})
	return true
}
