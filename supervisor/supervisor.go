package supervisor

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// Supervisor runs a fixed set of services.
type Supervisor struct {
	opt      Options
	reporter reporter
	k        sys.Kernel
	tree     *cgroupfs.Tree // nil: no cgroups

	environ  []string // what services without an env of their own share
	services []*service
	byName   map[string]*service
	alarms   deadlines
	queue    []queued // events that this turn's effects produced

	births    map[sys.SpawnID]*generation // starts without a result
	awaited   int                         // of these, not given up
	byHandle  map[sys.Handle]*generation
	byPid     map[int]*generation // unreaped main processes
	byWatch   map[sys.WatchID]*generation
	lastSpawn sys.SpawnID
	probe     sys.SpawnID // the start that tried out a cgroup
	token     string      // makes invocation names unique on this machine
	moveIn    bool        // children cannot be born in their cgroup: they move there

	childless   bool          // no exit that is being taken has left an orphan
	leaving     []*generation // main process ended, something of it lives
	late        []sys.Handle  // children whose start had been given up, not reaped yet
	census      census
	vacant      []string       // cgroups that are to be removed
	doomed      []doomed       // cgroups that were busy when they were to be removed
	sweepAlarm  *alarm         // for doomed
	vacantAlarm *alarm         // for vacant
	strays      []int          // orphans that a shutdown found last
	orphanScan  failing        // the last scan for orphans failed, which was reported
	orphaned    bool           // gosv's end has not waited for every orphan
	told        syscall.Signal // the first signal that ended gosv
	toldAt      time.Duration
	deaths      int  // orphans that were reaped
	closing     bool // shutdown: nothing is started any more
	unsettled   int  // services that have not come to rest
	safety      *alarm
	siblings    *alarm            // looks for zombies among all children
	dumping     time.Duration     // until then a dump is waited for; 0: none is being made
	missing     cgroupfs.Findings // what this machine lacks, for people
	lent        bool              // the attached child has the terminal
	lentAt      time.Duration     // when a living one was last given it

	mu       sync.Mutex // guards commands, the only state that others touch
	commands []Command
}

// service is one configured service and what it is doing.
type service struct {
	conf   config.Service
	policy lifecycle.Policy
	state  lifecycle.State
	gen    *generation // nil if nothing of it is born, unborn or left
	pid    int         // of the present or last main process
	env    []string    // complete but for the invocation
	dir    string
	alarm  *alarm
	warned bool // of limits that cannot be had
	status atomic.Pointer[Status]
}

// queued is an event for the service's present generation.
type queued struct {
	svc *service
	ev  lifecycle.Event
}

// New makes a supervisor. Nothing is started before Run.
func New(opt Options) *Supervisor {
	if opt.Observer == nil {
		opt.Observer = NopObserver{}
	}
	n := len(opt.Services)
	s := &Supervisor{
		opt: opt, k: opt.Kernel, reporter: reporter{observer: opt.Observer}, services: make([]*service, 0, n), environ: environment(opt.Environ, nil),
		byName: make(map[string]*service, n), births: map[sys.SpawnID]*generation{},
		byHandle: make(map[sys.Handle]*generation, n), byPid: make(map[int]*generation, n), byWatch: map[sys.WatchID]*generation{},
	}
	s.safety, s.siblings = newAlarm(s.safetyReap), newAlarm(s.sweepAll)
	s.sweepAlarm = newAlarm(s.removeDoomed)
	s.vacantAlarm = newAlarm(func() {}) // there only to end a Wait
	s.census.overdue, s.census.hung = newAlarm(s.giveUpCensus), map[*atomic.Int64]int{}
	for _, conf := range opt.Services {
		s.add(conf)
	}
	return s
}

func (s *Supervisor) add(conf config.Service) {
	if s.byName[conf.Name] != nil {
		panic(fmt.Sprintf("supervisor: two services are called %q", conf.Name))
	}
	svc := &service{conf: conf, policy: lifecycle.PolicyOf(conf), state: lifecycle.New(), env: s.environ, dir: conf.Dir}
	if len(conf.Env) > 0 {
		svc.env = environment(s.environ, conf.Env)
	}
	svc.policy.FailFast = s.opt.Attached
	if svc.dir != "" && !filepath.IsAbs(svc.dir) {
		svc.dir = filepath.Join(s.opt.Dir, svc.dir)
	}
	svc.alarm = newAlarm(func() { s.step(svc, lifecycle.Event{Kind: lifecycle.Deadline}) })
	s.services = append(s.services, svc)
	s.byName[conf.Name] = svc
	s.publish(svc)
}

// Result is how a supervisor ended.
type Result struct {
	Failed     []string          // services that came to their end as failed
	Unkillable []Leftover        // what could not be killed and lives on
	Shutdown   bool              // it was told to end
	Signal     syscall.Signal    // by this one
	Last       lifecycle.Outcome // of the only service, if Attached
	Err        error             // it could not begin
}

// Run starts every service and returns when there is nothing left to do: all
// have ended by themselves, or a shutdown is complete.
func (s *Supervisor) Run() Result {
	if err := s.boot(); err != nil {
		return Result{Err: err}
	}
	s.begin()
	for woke := sys.Reason(0); ; woke = s.k.Wait(s.alarms.next()) {
		s.turn(woke)
		if s.done() {
			break
		}
	}
	s.settle()
	return s.finish()
}

// begin starts every service, save those that nobody wants any more: to boot can
// take seconds, and what was said meanwhile counts.
func (s *Supervisor) begin() {
	unwanted := map[string]bool{}
	early := s.takeCommands()
	for _, c := range early {
		if c.Action == SetDesired && c.Kind != lifecycle.Reset {
			unwanted[c.Service] = c.Kind != lifecycle.Start
		}
	}
	for _, sig := range s.k.Signals() {
		s.signalled(sig)
	}
	for _, svc := range s.services {
		if !s.closing && !unwanted[svc.conf.Name] {
			s.step(svc, lifecycle.Event{Kind: lifecycle.Start})
		}
	}
	for _, c := range early {
		if c.Action == SetDesired {
			c.done(nil)
			continue
		}
		s.obey(c)
	}
}

// boot prepares what every service needs.
func (s *Supervisor) boot() error {
	s.token = fmt.Sprintf("%08x%08x", s.k.Draw("invocation", 1<<31), s.k.Draw("invocation", 1<<31))
	if err := s.k.BecomeSubreaper(); err != nil {
		// Orphans go to another process then: they are not lost with cgroups,
		// and are out of reach without.
		s.report(SubreaperFailed{Err: err})
	}
	s.alarms.set(s.safety, s.now()+safetyPeriod)
	if blind := s.opt.Host.Blind; blind != nil {
		s.report(ProcUnreadable{Err: blind})
	}
	return s.bootCgroups()
}

// done tells whether nothing more will happen by itself.
func (s *Supervisor) done() bool {
	if s.unsettled > 0 {
		return false
	}
	if s.closing {
		return true
	}
	for _, svc := range s.services {
		if !svc.state.Ended() {
			return false // stopped by an operator, who may start it again
		}
	}
	return true
}

// finish cleans up and tells how it went.
func (s *Supervisor) finish() Result {
	r := Result{Shutdown: s.closing, Signal: s.told, Unkillable: s.unkillable()}
	for _, svc := range s.services {
		if svc.state.Phase == lifecycle.Failed {
			r.Failed = append(r.Failed, svc.conf.Name)
		}
		r.Last = svc.state.Last
	}
	s.reclaimTerminal()
	bound := orphanBound
	if len(r.Unkillable) > 0 {
		bound = 0 // it holds its cgroup, and has been waited for
	}
	s.closeCgroups(bound)
	return r
}

// unkillable is what lives on after gosv.
func (s *Supervisor) unkillable() (all []Leftover) {
	for _, pid := range s.strays {
		all = append(all, Leftover{PIDs: []int{pid}})
	}
	for _, svc := range s.services {
		if svc.state.Stuck {
			all = append(all, s.leftover(svc))
		}
	}
	if s.orphaned && len(s.strays) == 0 {
		all = append(all, Leftover{})
	}
	return all
}

// Statuses is the published state of every service, each as of its last change.
// It may be called from any goroutine.
func (s *Supervisor) Statuses() []*Status {
	all := make([]*Status, len(s.services))
	for i, svc := range s.services {
		all[i] = svc.status.Load()
	}
	return all
}

func (s *Supervisor) publish(svc *service) {
	st := &Status{Name: svc.conf.Name, State: svc.state}
	if g := svc.gen; g != nil {
		st.Leaf = g.leaf
		if svc.state.Alive {
			st.Pid = g.child.Pid
		}
	}
	svc.status.Store(st)
}

// now reads the clock. No instant is kept to count from: between two calls gosv may
// have been stopped, or slow, for longer than a grace.
func (s *Supervisor) now() time.Duration { return s.k.Now() }
