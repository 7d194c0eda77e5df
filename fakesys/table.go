package fakesys

import (
	"slices"
	"time"
)

// table is the process table.
type table struct {
	byPid    []*process
	uses     []int // by PID: how often it is in use as a PID, PGID or session ID
	lastTick []int // by PID: start time of its last process, in ticks
	last     int
	live     int // processes, zombies included
	init     *process
	version  uint64
	freed    int // the PID freed last
}

func newTable(pidMax int) table {
	return table{
		byPid: make([]*process, pidMax+1), uses: make([]int, pidMax+1),
		lastTick: slices.Repeat([]int{-1}, pidMax+1),
	}
}

// ticks converts an instant to the unit of /proc/PID/stat (1/100 s).
func ticks(d time.Duration) int { return int(d / (10 * time.Millisecond)) }

func (w *World) newSystemProcess(pid int, parent *process, name string) *process {
	p := &process{pid: pid, pgid: pid, sid: pid, system: true, path: "/sbin/" + name, args: []string{name}, rss: 8 << 20, dir: "/"}
	w.insert(p, parent)
	return p
}

// insert adds a process to the table. PID and start time together identify a process. If
// a PID is reused within one tick, which takes longer on Linux, its start time is shown as
// one tick later.
func (w *World) insert(p *process, parent *process) {
	t := &w.table
	t.byPid[p.pid] = p
	if t.lastTick[p.pid] >= 0 {
		w.Fire(PIDReused)
	}
	p.tick = max(ticks(w.now+w.asleep), t.lastTick[p.pid]+1)
	t.lastTick[p.pid] = p.tick
	t.uses[p.pid]++
	t.uses[p.pgid]++
	t.uses[p.sid]++
	t.last = max(t.last, p.pid)
	t.live++
	t.version++
	p.born = w.now
	if p.parent = parent; parent != nil {
		parent.children = append(parent.children, p)
	}
}

// newPid returns the next PID that is not in use as a PID, PGID or session ID (alloc_pid)
// or, by choice, the PID freed last.
func (w *World) newPid() (int, bool) {
	t := &w.table
	if t.live >= w.opt.MaxProcs {
		return 0, false
	}
	if t.usable(t.freed) && w.choose("pid reuse", 2) == 1 {
		return t.freed, true
	}
	size := len(t.byPid) - 1
	for i := 1; i <= size; i++ {
		pid := (t.last+i-1)%size + 1
		if t.usable(pid) {
			t.last = pid
			return pid, true
		}
	}
	return 0, false
}

// usable reports whether a PID may be allocated.
func (t *table) usable(pid int) bool { return pid > 1 && t.uses[pid] == 0 }

func (t *table) unuse(pid int) {
	if t.uses[pid]--; t.uses[pid] == 0 {
		t.freed = pid
	}
}

func (t *table) setGroup(p *process, pgid, sid int) {
	t.uses[pgid]++
	t.uses[sid]++
	t.unuse(p.pgid)
	t.unuse(p.sid)
	p.pgid, p.sid = pgid, sid
	t.version++
}

// find returns the process with a PID, which may be a zombie, or nil.
func (w *World) find(pid int) *process {
	if pid <= 0 || pid >= len(w.table.byPid) {
		return nil
	}
	return w.table.byPid[pid]
}
