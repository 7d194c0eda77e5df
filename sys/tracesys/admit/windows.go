package admit

import (
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/sys/tracesys"
)

// windows are for calls of jobs, which overlap those of the loop: such a call may
// have had its effect at any moment from its begin to its end. It is admitted if
// the fake gives its answer at one of them.
type windows struct {
	begins   map[int][]int // calls of jobs, by the first call that they overlap
	firsts   map[int]int   // the way back
	ends     map[int]int   // the last call that they overlap
	open     []int
	listings map[int]map[string]bool // what each list of /proc holds
}

// plan finds the overlaps.
func (w *windows) plan(calls []tracesys.Call) {
	w.begins, w.firsts, w.ends, w.listings = map[int][]int{}, map[int]int{}, map[int]int{}, map[int]map[string]bool{}
	listed, still := map[string]bool{}, virtual(calls)
	for i, c := range calls {
		if c.Op == "read-dir" && c.Arg(0) == "/proc" && c.Err == 0 {
			listed = difference(listed, c.Result)
			w.listings[i] = listed
		}
		w.firsts[i] = i
		if !c.Job() || !reads(c) || still {
			continue
		}
		begin, end := i, i
		for b := i - 1; b >= 0 && overlap(calls[b], c); b-- {
			begin = b
		}
		for e := i + 1; e < len(calls) && e < i+maxOverlap; e++ {
			if overlap(c, calls[e]) && calls[e].By != c.By && changes(calls[e]) {
				end = e
			}
		}
		w.begins[begin], w.firsts[i] = append(w.begins[begin], i), begin
		w.ends[i] = end
	}
}

// maxOverlap is how far behind a call one is looked for that began before it
// ended.
const maxOverlap = 100

// overlap tells whether a call may not have ended when one began that returned
// later. Times are rounded down.
func overlap(first, second tracesys.Call) bool { return second.At <= first.End()+2*time.Microsecond }

// virtual tells a clock that stands still but in waits: then no calls overlap.
func virtual(calls []tracesys.Call) bool {
	return !slices.ContainsFunc(calls, func(c tracesys.Call) bool { return c.Took > 0 && c.Op != "wait" })
}

// reads tells whether a call changes nothing.
func reads(c tracesys.Call) bool {
	return slices.Contains([]string{"read-file", "read-dir", "readlink", "open-pid"}, c.Op)
}

// changes tells whether a call changes what others read.
func changes(c tracesys.Call) bool {
	return slices.Contains([]string{"reap", "reap-orphan", "rmdir", "mkdir", "write-file"}, c.Op)
}

func difference(before map[string]bool, changes []string) map[string]bool {
	now := map[string]bool{}
	for name := range before {
		now[name] = true
	}
	for _, change := range changes {
		if name, gone := strings.CutPrefix(change, "-"); gone {
			delete(now, name)
		} else {
			now[strings.TrimPrefix(change, "+")] = true
		}
	}
	return now
}

func (a *admitter) isOpen(i int) bool { return slices.Contains(a.open, i) || a.ends[i] < 0 }

// openWindows opens those that begin with this call, and tries them before it.
func (a *admitter) openWindows(i int) {
	a.open = append(a.open, a.begins[i]...)
	a.tryWindows()
	a.at(i)
}

// closeWindows tries the open ones after this call, and refuses what was never
// answered so when it ends.
func (a *admitter) closeWindows(i int) *Refusal {
	a.tryWindows()
	for _, j := range slices.Clone(a.open) {
		if max(a.ends[j], j) > i {
			continue
		}
		a.open = slices.DeleteFunc(a.open, func(k int) bool { return k == j })
		a.ends[j] = -1
		a.at(j)
		if refused := a.check(); refused != nil {
			return refused
		}
	}
	a.at(i)
	return nil
}

// tryWindows admits the open calls that the fake answers as it is, without any
// inference.
func (a *admitter) tryWindows() {
	a.dry = true
	for _, j := range slices.Clone(a.open) {
		a.at(j)
		if a.check() == nil {
			a.open = slices.DeleteFunc(a.open, func(k int) bool { return k == j })
			a.ends[j] = -1
		}
	}
	a.dry = false
}
