package linux

import (
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// watches is the one inotify(7) of the loop.
type watches struct {
	fd    int
	ready bool // epoll saw something to read
	last  sys.WatchID
	byID  map[sys.WatchID]int32   // inotify's watch descriptor; -1: the file is gone
	byWD  map[int32][]sys.WatchID // watching a file twice gives one descriptor
}

// Watch implements sys.Watcher.
func (k *Kernel) Watch(path string) (sys.WatchID, error) {
	w := &k.watches
	n, err := retry(func() (int, error) { return unix.InotifyAddWatch(w.fd, path, unix.IN_MODIFY) })
	if err != nil {
		return 0, onPath("watch", path, err)
	}
	if w.byID == nil {
		w.byID, w.byWD = map[sys.WatchID]int32{}, map[int32][]sys.WatchID{}
	}
	w.last++
	wd := int32(n)
	w.byID[w.last], w.byWD[wd] = wd, append(w.byWD[wd], w.last)
	return w.last, nil
}

// Unwatch implements sys.Watcher.
func (k *Kernel) Unwatch(id sys.WatchID) {
	w := &k.watches
	wd, ok := w.byID[id]
	if !ok {
		panic(fmt.Sprintf("sys/linux: watch %d is unknown or ended", id))
	}
	delete(w.byID, id)
	if wd < 0 {
		return
	}
	if rest := slices.DeleteFunc(w.byWD[wd], func(other sys.WatchID) bool { return other == id }); len(rest) > 0 {
		w.byWD[wd] = rest
		return
	}
	delete(w.byWD, wd)
	unix.InotifyRmWatch(w.fd, uint32(wd))
}

// Changed implements sys.Watcher.
func (k *Kernel) Changed() []sys.WatchID {
	w := &k.watches
	if !w.ready {
		return nil
	}
	w.ready = false
	var changed []sys.WatchID
	var buf [4096]byte
	for {
		n, err := retry(func() (int, error) { return unix.Read(w.fd, buf[:]) })
		if err != nil || n <= 0 {
			slices.Sort(changed)
			return slices.Compact(changed)
		}
		for i := 0; i+unix.SizeofInotifyEvent <= n; {
			e := (*unix.InotifyEvent)(unsafe.Pointer(&buf[i]))
			i += unix.SizeofInotifyEvent + int(e.Len)
			changed = append(changed, w.take(e)...)
		}
	}
}

// take returns the watches that an event is for.
func (w *watches) take(e *unix.InotifyEvent) (ids []sys.WatchID) {
	if e.Mask&unix.IN_Q_OVERFLOW != 0 { // any of them may have been lost
		for id := range w.byID {
			ids = append(ids, id)
		}
		return ids
	}
	ids = w.byWD[e.Wd]
	if e.Mask&unix.IN_IGNORED != 0 { // the file is gone, its descriptor too
		delete(w.byWD, e.Wd)
		for _, id := range ids {
			w.byID[id] = -1
		}
	}
	return ids
}
