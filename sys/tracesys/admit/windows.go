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
		for e := i + 1; e < len(calls) && (calls[e].Job() || overlap(c, calls[e])); e++ {
			if overlap(c, calls[e]) && calls[e].By != c.By && changes(calls[e]) {
				end = e
			}
		}
		w.begins[begin], w.firsts[i] = append(w.begins[begin], i), begin
		w.ends[i] = end
	}
}

// overlap tells whether a call may not have ended when one began that returned
// later. Times are rounded down.
func overlap(first, second tracesys.Call) bool { return second.At <= first.End()+2*time.Microsecond }

// chronological puts a call of the loop that ended before one of a job began in front
// of that, and one of a job in front of one of the loop: on a busy machine a call may be
// written long after it ended. The calls of the loop keep their order, and those of jobs.
func chronological(calls []tracesys.Call) []tracesys.Call {
	calls = slices.Clone(calls)
	for i := range calls {
		for ; i > 0 && calls[i-1].Job() != calls[i].Job() && !overlap(calls[i], calls[i-1]); i-- {
			calls[i-1], calls[i] = calls[i], calls[i-1]
		}
	}
	return calls
}

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

// shut closes a window: its call is admitted, or is decided now.
func (w *windows) shut(j int) {
	w.open = slices.DeleteFunc(w.open, func(k int) bool { return k == j })
	w.ends[j] = -1
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
		a.shut(j)
		a.at(j)
		if refused := a.check(); refused != nil {
			return refused
		}
	}
	a.at(i)
	return nil
}

// lastLooks admits the open reads that saw a process alive of which the call under way
// tells the end: they were before that, and may be the first that show it.
func (a *admitter) lastLooks(i int) {
	name := a.tells(a.calls[i])
	for _, j := range slices.Clone(a.open) {
		c := a.calls[j]
		if name == "" || c.Arg(0) != "/proc/"+name+"/stat" || len(c.Result) != 11 || c.Result[0] == "Z" {
			continue
		}
		a.c = c
		if a.check() == nil {
			a.shut(j)
		}
		a.at(i)
	}
}

// tells gives the process of which a call tells the end, "" if it is of none.
func (a *admitter) tells(c tracesys.Call) string {
	switch _, ended := tracesys.Status(c.Result); {
	case c.Op == "peek-orphan" && len(c.Result) > 1 && isProcess(c.Result[0]):
		return c.Result[0]
	case c.Op == "reap-orphan" && c.Err == 0:
		return c.Arg(0)
	case (c.Op == "peek" || c.Op == "reap") && ended:
		return a.name(a.handles[c.Arg(0)].pid)
	}
	return ""
}

// tryWindows admits the open calls that the fake answers as it is, without any
// inference.
func (a *admitter) tryWindows() {
	a.dry = true
	for _, j := range slices.Clone(a.open) {
		a.at(j)
		if a.check() == nil {
			a.shut(j)
		}
	}
	a.dry = false
}
