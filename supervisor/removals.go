package supervisor

import (
	"errors"
	"slices"
	"time"

	"github.com/gosv/gosv/sys"
)

// removeBound is how long the removal of a busy cgroup is tried again.
const removeBound = 30 * time.Second

// removeJobBound is how long one try may take.
const removeJobBound = 5 * time.Second

var errRemovalHangs = errors.New("its removal hangs")

// maxRemoved bounds the cgroups that one turn removes.
const maxRemoved = 16

// removalTree is what removals asks of cgroupfs.Tree. Remove may read many files: it is
// called in jobs only.
type removalTree interface {
	RemoveEmpty(leaf string) error
	Remove(leaf string) error
}

// removals removes the cgroups of instances that are over. No restart waits for it. For
// a moment after the last exit the kernel may say EBUSY: then the cgroup is tried again
// at a time of its own, ever more rarely.
type removals struct {
	*core
	tree    func() removalTree
	waiting []string   // cgroups that were not tried yet
	busy    []*removal // cgroups that are tried again
	more    *alarm     // goes on where a turn had enough
}

// removal is a cgroup that was busy.
type removal struct {
	path  string
	until time.Duration // then it is left behind
	pause time.Duration
	alarm *alarm
	done  bool
}

// add has a cgroup removed at the end of the turn.
func (r *removals) add(path string) { r.waiting = append(r.waiting, path) }

// pending reports whether a cgroup is still to be removed.
func (r *removals) pending() bool { return len(r.waiting)+len(r.busy) > 0 }

// turn removes a few cgroups, and leaves the others to the next turn.
func (r *removals) turn() {
	n := min(maxRemoved, len(r.waiting))
	for _, path := range r.waiting[:n] {
		if err := r.tree().RemoveEmpty(path); err != nil {
			r.retry(path)
		}
	}
	if r.waiting = r.waiting[n:]; len(r.waiting) == 0 {
		r.waiting = nil
		return
	}
	r.set(r.more, r.now())
}

// retry tries a busy cgroup again in a while.
func (r *removals) retry(path string) {
	b := &removal{path: path, until: r.now() + removeBound, pause: firstRecheck}
	b.alarm = newAlarm(func() { r.try(b) })
	r.busy = append(r.busy, b)
	r.set(b.alarm, r.now()+b.pause)
}

// try begins a job that tries to remove a busy cgroup. Another one begins if that hangs.
func (r *removals) try(b *removal) {
	now := r.now()
	if now >= b.until+removeJobBound {
		r.tried(b, errRemovalHangs)
		return
	}
	r.set(b.alarm, now+removeJobBound)
	r.submit(removeTask{path: b.path, tree: r.tree(), then: func(err error) { r.tried(b, err) }})
}

// tried follows a try to remove a busy cgroup.
func (r *removals) tried(b *removal, err error) {
	if b.done {
		return // a job that hung has come after all
	}
	now := r.now()
	if err != nil && now < b.until {
		b.pause = longer(b.pause)
		r.set(b.alarm, now+b.pause)
		return
	}
	if err != nil {
		r.report(RemovalFailed{Path: b.path, Tried: removeBound, Err: err})
	}
	b.done = true
	r.set(b.alarm, sys.Never)
	r.busy = slices.DeleteFunc(r.busy, func(other *removal) bool { return other == b })
}

// removeTask removes one cgroup, with the directories that its service made in it.
type removeTask struct {
	path string
	tree removalTree
	then func(error)
}

func (t removeTask) run(sys.JobKernel) func() {
	err := t.tree.Remove(t.path)
	return func() { t.then(err) }
}
