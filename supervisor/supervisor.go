package supervisor

import (
	"path/filepath"
	"sync/atomic"
	"syscall"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// Supervisor runs services. All of its state but the inbox and the published statuses
// belongs to the goroutine that calls Run.
type Supervisor struct {
	*core
	opt       Options
	k         sys.Kernel
	phase     phase
	services  registry
	instances instances

	boot     boot
	cgroups  cgroups
	orphans  orphanReaper
	scan     procScan
	terminal terminal
	dumper   dumper
	ending   shutdownState
	safety   safety
	inbox    inbox
}

// New makes a supervisor. Nothing is started before Run.
func New(opt Options) *Supervisor {
	if opt.Observer == nil {
		opt.Observer = NopObserver{}
	}
	n := len(opt.Services)
	c := &core{clock: opt.Kernel, worker: opt.Kernel, reporter: reporter{observer: opt.Observer}}
	s := &Supervisor{core: c, opt: opt, k: opt.Kernel, instances: newInstances(opt.Environ, n)}
	s.services.byName = make(map[string]*service, n)
	s.boot = boot{alarm: newAlarm(func() {}), recovery: newRecovery(s)}
	s.cgroups = cgroups{core: c, require: opt.Cgroup == config.CgroupRequire, blind: opt.Host.Blind, container: opt.Host.Container}
	s.cgroups.removals = removals{core: c, tree: func() removalTree { return s.cgroups.tree }, more: newAlarm(func() {})}
	s.orphans = orphanReaper{core: c, k: opt.Kernel, siblings: newAlarm(s.reapSiblings), more: newAlarm(s.reapOrphans)}
	s.orphans.abandoned = abandonedChildren{core: c, k: opt.Kernel}
	s.orphans.abandoned.alarm = newAlarm(s.orphans.abandoned.reapAll)
	s.scan = procScan{core: c, context: s.scanContext, request: s.scanSubjects, found: s.scanned, hung: map[*atomic.Int64]int{}}
	s.scan.overdue = newAlarm(s.scan.giveUp)
	s.terminal = terminal{core: c, k: opt.Kernel}
	s.dumper = dumper{core: c, maps: opt.DumpMaps}
	s.safety.alarm = newAlarm(s.safetyTurn)
	s.ending.alarm = newAlarm(func() {})
	environ := environment(opt.Environ, nil)
	for _, conf := range opt.Services {
		s.services.add(s.newService(conf, environ))
	}
	s.services.republish()
	s.inbox.most = waitingCommands(n)
	return s
}

// newService makes a service that was never started. environ is what services without
// an environment of their own share.
func (s *Supervisor) newService(conf config.Service, environ []string) *service {
	svc := &service{state: lifecycle.New()}
	s.configure(svc, conf, environ)
	svc.alarm = newAlarm(s.guarded(svc, func() { s.step(svc, lifecycle.Event{Kind: lifecycle.Deadline}) }))
	return svc
}

// configure gives a service its configuration, for its next steps and its next spawn.
func (s *Supervisor) configure(svc *service, conf config.Service, environ []string) {
	svc.conf, svc.policy, svc.env, svc.dir = conf, lifecycle.PolicyOf(conf), serviceEnvironment(environ, conf), conf.Dir
	svc.policy.FailFast = s.opt.Attached
	svc.limitsReported = false
	if svc.dir != "" && !filepath.IsAbs(svc.dir) {
		svc.dir = filepath.Join(s.opt.Dir, svc.dir)
	}
}

// Result is how a supervisor ended.
type Result struct {
	Failed     []string          // services that came to their end as failed
	Unkillable []Leftover        // what could not be killed and lives on
	Shutdown   bool              // it was asked to end
	Signal     syscall.Signal    // by this signal; 0: by Shutdown
	Key        syscall.Signal    // INT or QUIT, if Attached: a person ended it by Ctrl-C or Ctrl-\
	Essential  string            // the essential service whose end ended it, or ""
	Last       lifecycle.Outcome // of Essential, or of the only service, if Attached
	Err        error             // it could not begin
}

// Statuses is the published state of every service, each as of its last change. It may
// be called from any goroutine. What it gives is never changed.
func (s *Supervisor) Statuses() []*Status { return s.services.statuses() }
