package fakesys

import (
	"path"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// watch is one inotify watch on a file of a cgroup.
type watch struct {
	id    sys.WatchID
	group *cgroup
	file  string
	due   bool // a notice is scheduled: further changes merge with it
	fired bool
}

// noticeDelay is the longest time between a change and its notice, because the kernel
// sends at most one notice per 10 ms.
const noticeDelay = 10 * time.Millisecond

// Watch starts to watch cgroup.events or memory.events.
func (k *Kernel) Watch(name string) (sys.WatchID, error) {
	k.call()
	id, errno := k.watch(name)
	if errno != 0 {
		k.done(OpWatch, 0, 0, name, errno)
		return 0, errno
	}
	k.done(OpWatch, int(id), 0, name, nil)
	return id, nil
}

func (k *Kernel) watch(name string) (sys.WatchID, syscall.Errno) {
	if errno := k.fault(OpWatch, path.Base(name)); errno != 0 {
		return 0, errno
	}
	if k.cgroups == nil || !k.cgroups.holds(name) {
		return 0, syscall.ENOENT
	}
	g, file := k.cgroups.split(name)
	if g == nil || file == nil {
		return 0, syscall.ENOENT
	}
	k.lastWatch++
	w := &watch{id: k.lastWatch, group: g, file: file.name}
	k.watches = append(k.watches, w)
	g.watches = append(g.watches, w)
	return w.id, 0
}

// Unwatch ends a watch.
func (k *Kernel) Unwatch(id sys.WatchID) {
	k.call()
	i := slices.IndexFunc(k.watches, func(w *watch) bool { return w.id == id })
	if i < 0 {
		panic("fakesys: unwatch of a watch that is not open")
	}
	w := k.watches[i]
	if w.fired {
		k.fired--
	}
	k.watches = slices.Delete(k.watches, i, i+1)
	w.group.watches = slices.DeleteFunc(w.group.watches, func(v *watch) bool { return v == w })
	k.done(OpUnwatch, int(id), 0, "", nil)
}

// Changed drains the watches that fired.
func (k *Kernel) Changed() []sys.WatchID {
	k.call()
	var ids []sys.WatchID
	if k.fired > 0 {
		for _, w := range k.watches {
			if w.fired {
				w.fired = false
				ids = append(ids, w.id)
			}
		}
		k.fired = 0
	}
	k.done(OpChanged, len(ids), 0, "", nil)
	return ids
}

// modified notifies the watches of a file.
func (g *cgroup) modified(w *World, file string) {
	for _, watch := range g.watches {
		if watch.file != file {
			continue
		}
		if watch.due || watch.fired {
			w.Fire(WatchLost) // merged
			continue
		}
		k := w.kernel
		if w.happens(WatchLost, w.faults.LostWatch) {
			continue
		}
		watch.due = true
		delay := noticeDelay * time.Duration(w.choose("watch latency", 4)) / 3
		w.after(delay, "watch notice", func() {
			watch.due = false
			if k == nil || k.dead() || !slices.Contains(k.watches, watch) {
				return
			}
			watch.fired = true
			k.fired++
			k.wake(sys.WokeWatch)
		})
	}
}
