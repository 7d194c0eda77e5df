package fakesys

import (
	"slices"
	"time"
)

// table is the process table.
type table struct {
	byPid    []*process
	uses     []int // by number: as pid, group or session
	lastTick []int // by number: start of its last holder, in ticks
	last     int
	live     int // processes, zombies included
	init     *process
	version  uint64
	freed    int // the number freed last
}

func newTable(pidMax int) table {
	return table{
		byPid: make([]*process, pidMax+1), uses: make([]int, pidMax+1),
		lastTick: slices.Repeat([]int{-1}, pidMax+1),
	}
}

// ticks is an instant in the unit of /proc/PID/stat (1/100 s).
func ticks(d time.Duration) int { return int(d / (10 * time.Millisecond)) }

func (w *World) newSystemProcess(pid int, parent *process, name string) *process {
	p := &process{pid: pid, pgid: pid, sid: pid, system: true, path: "/sbin/" + name, args: []string{name}, rss: 8 << 20, dir: "/"}
	w.insert(p, parent)
	return p
}

// insert puts a process with a number of its own into the table. Number and
// start time together name a process for ever: when a number comes again within
// one tick, which on Linux takes longer, its start is shown as one tick later.
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

// newPid gives the next number of the space that nobody uses as process, group
// or session (alloc_pid), or by choice the one that became free last.
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

// usable tells whether a number may be given out.
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

// find gives the process with a number, dead or alive, or nil.
func (w *World) find(pid int) *process {
	if pid <= 0 || pid >= len(w.table.byPid) {
		return nil
	}
	return w.table.byPid[pid]
}
