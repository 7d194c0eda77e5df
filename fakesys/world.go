package fakesys

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/testproc"
)

// World is a machine as a test sees it: its processes, files and time.
type World struct {
	opt     Options
	choices Choices
	now     time.Duration
	asleep  time.Duration // how long the machine was suspended
	wall    time.Time     // what the wall clock would show at now = 0
	queue   queue
	trace   tracer
	table   table
	files   map[string]*file
	scripts map[string][]testproc.Op
	cgroups *cgroupFS // nil without cgroup2
	faults  *Faults
	tty     *terminal // nil without
	kernel  *Kernel   // of the living gosv, nil after a crash
	inode   int       // the last inode number of a pipe
	console []byte    // what was written to gosv's own descriptors

	fired   Fired
	steps   int // calls and events so far
	still   int // of these since time last advanced
	running int // how many events are running, nested
	jobs    int // how many of these are jobs, during which other events run
	onStep  []func()
	sent    []SignalRecord
	logSent bool
	slow    []span // times during which gosv was inside a call
}

// Kernel is the machine as one gosv process sees it: package sys.
type Kernel struct {
	*World
	self *process

	pending sys.Reason // reasons for which the next Wait returns
	waiting *event     // the scheduled wake, or nil
	blocked bool       // inside Wait
	woken   bool

	handles   []*handle
	lowest    int       // all descriptors below are in use
	opened    int       // open handles
	pipes     []*stream // whose read ends are open
	starts    map[sys.SpawnID]*spawning
	undrained int // spawns whose result Spawned has not returned
	spawned   []sys.SpawnResult
	exited    []sys.Handle
	inbox     []syscall.Signal
	ends      int // terminating signals that have arrived
	watches   []*watch
	fired     int // watches that fired
	lastWatch sys.WatchID
	locks     map[string]*cgroup // flocks held, by path
	finished  []any
}

var _ sys.Kernel = (*Kernel)(nil)

// New creates a machine on which gosv has just started.
func New(o Options) *Kernel {
	o.fill()
	w := &World{
		opt: o, choices: o.Choices, wall: o.Wall, faults: o.Faults,
		files: map[string]*file{}, scripts: map[string][]testproc.Op{}, logSent: true,
	}
	w.trace = tracer{sum: fnvOffset, text: newTraceWriter(o.Trace)}
	if w.faults == nil {
		w.faults = &Faults{}
	}
	w.table = newTable(o.PidMax)
	if o.Cgroups != nil {
		w.cgroups = newCgroupFS(w, *o.Cgroups)
	}
	w.AddProgram(TestprocPath, "")
	w.AddFile("/dev/null", NotExecutable)
	if o.Pid != 1 {
		w.table.init = w.newSystemProcess(1, nil, "init")
		if w.cgroups != nil {
			w.cgroups.join(w.table.init, w.cgroups.root)
		}
	}
	k := w.boot(o.Pid)
	if o.Terminal {
		w.tty = newTerminal(k.self)
	}
	return k
}

// boot starts a gosv process on the world.
func (w *World) boot(pid int) *Kernel {
	self := w.newSystemProcess(pid, w.table.init, "gosv")
	self.env = w.opt.Env
	if w.cgroups != nil {
		w.cgroups.own(self)
	}
	k := &Kernel{World: w, self: self, starts: map[sys.SpawnID]*spawning{}, locks: map[string]*cgroup{}}
	self.subreaper = pid == 1
	w.kernel = k
	if pid == 1 {
		w.Fire(IsInit)
	}
	if w.cgroups == nil || w.cgroups.opt.Delegated == "" {
		w.Fire(NoCgroups)
	}
	return k
}

// call begins a call of gosv through the seam.
func (k *Kernel) call() {
	k.survived()
	if k.opt.Preempt && k.running == k.jobs && len(k.queue.ready) > 0 && k.choose(preempt, 2) == 1 {
		k.step()
		k.survived()
	}
	if (k.faults.SlowCall > 0 || k.faults.SlowHook != nil || k.self.stopped) && k.running == 0 { // a job does not delay the loop
		k.passCallTime()
	}
}

// stepped ends a call or an event.
func (w *World) stepped() {
	w.steps++
	if w.still++; w.still > w.opt.Patience {
		panic(&Livelock{At: w.now, Steps: w.still})
	}
	for _, f := range w.onStep {
		f()
	}
}

// done adds a call to the trace and ends it.
func (k *Kernel) done(op Op, n, m int, text string, err error) {
	errno, _ := err.(syscall.Errno)
	if errno != 0 {
		k.refused(op, text, errno)
	}
	k.note(k.self.pid, op, n, m, text, errno)
	k.stepped()
}
