package supervisor

import (
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// reclaimBound is how long the first start waits for what dead gosvs left to go, beside
// its grace, and for a machine that lacks something just then.
const reclaimBound = 5 * time.Second

// bootStep is what the boot is about.
type bootStep uint8

const (
	bootBegins     bootStep = iota
	bootReclaim             // what dead gosvs left is stopped and removed
	bootProbe               // gosv makes its own cgroup
	bootSpawn               // a spawn into a cgroup is tried
	bootReclaimEnd          // what a probe that failed halfway could not remove is stale, too
	bootDone
)

// boot prepares what every service needs, in the turns of the loop.
type boot struct {
	step     bootStep
	alarm    *alarm // ends a wait
	recovery *recovery
	until    time.Duration // no further try to make a cgroup
	pause    time.Duration
	probe    sys.SpawnID     // the spawn that is tried
	probeBy  time.Duration   // then it is given up
	unwanted map[string]bool // what a command said of a service
	commands []Command       // that came before the services were started
	result   Result
}

// command takes a command that comes before the services are started.
func (b *boot) command(c Command) {
	if b.unwanted == nil {
		b.unwanted = map[string]bool{}
	}
	if c.Kind != lifecycle.Reset {
		b.unwanted[c.Service] = c.Kind != lifecycle.Start
	}
	b.commands = append(b.commands, c)
}

func (b *boot) isUnwanted(svc *service) bool {
	if unwanted, commanded := b.unwanted[svc.name()]; commanded {
		return unwanted
	}
	return svc.conf.Manual
}

// bootOn takes the boot a step further.
func (s *Supervisor) bootOn() bool {
	b := &s.boot
	if s.ending.asked && b.step != bootBegins && b.step != bootDone {
		if (b.step == bootReclaim || b.step == bootReclaimEnd) && !b.recovery.finish() {
			return false
		}
		s.giveUpProbe()
		b.step = bootDone
		return true
	}
	switch b.step {
	case bootBegins:
		b.step = bootReclaim
		if s.opt.Cgroup == config.CgroupOff {
			s.cgroups.missing = cgroupsOff
			b.step = bootDone
		}
		b.until = s.now() + reclaimBound
		b.recovery.start()
	case bootReclaim, bootReclaimEnd:
		if !b.recovery.turn() {
			return false
		}
		b.step++
	case bootProbe:
		return s.probeCgroups()
	case bootSpawn:
		if s.now() < b.probeBy {
			return false
		}
		s.giveUpProbe()
		b.step = bootDone
	case bootDone:
		s.endBoot()
	}
	return true
}

// cgroupOptions describes this machine to cgroupfs.
func (s *Supervisor) cgroupOptions() cgroupfs.Options {
	h := s.opt.Host
	return cgroupfs.Options{Systemd: h.Systemd, UID: h.UID, Command: h.Command, ProcErr: h.Blind, Controllers: Controllers(s.opt.Services)}
}

// probeCgroups makes gosv's own cgroup. What the machine lacks just then (descriptors,
// memory) it may have a moment later, and to do without is for life.
func (s *Supervisor) probeCgroups() bool {
	b, c := &s.boot, &s.cgroups
	if s.now() < b.alarm.at && b.alarm.at != sys.Never {
		return false // between two tries
	}
	if c.tree, c.missing = cgroupfs.Probe(s.k, s.k.Pid(), s.cgroupOptions()); c.tree != nil && s.probeSpawn() {
		return true
	}
	if now := s.now(); c.missing.Transient() && now < b.until {
		b.pause = longer(b.pause)
		s.set(b.alarm, min(b.until, now+b.pause))
		b.recovery.start()
		b.step = bootReclaim
		return true
	}
	b.recovery.start()
	b.step = bootReclaimEnd
	return true
}

// probeSpawn tries one spawn into a fresh cgroup. Linux before 5.7 cannot do that, and
// some kernels (6.12, 6.18) kill whatever is spawned below a cgroup that cgroup.kill once
// touched; there, children move in before they run anything. The program cannot be
// executed, so nothing runs: its error is the good answer. false: there is no cgroup.
func (s *Supervisor) probeSpawn() bool {
	b, c := &s.boot, &s.cgroups
	leaf := c.tree.LeafPath("+probe", 0) // no service has such a name
	if _, err := c.tree.Create(leaf, cgroupfs.Limits{}); err != nil {
		c.missing = append(cgroupfs.Findings{{Text: fmt.Sprintf("cgroups are not used: %v", err), Err: err}}, c.missing...)
		if err := c.tree.Close(); err != nil {
			s.report(InstanceKept{Path: c.tree.Path(), Err: err})
		}
		c.tree = nil
		return false
	}
	b.probe, b.probeBy, b.step = s.instances.nextID(), s.now()+lifecycle.KillWait, bootSpawn
	s.set(b.alarm, b.probeBy)
	s.k.Spawn(sys.SpawnRequest{ID: b.probe, Path: "/dev/null/gosv", Cgroup: leaf})
	return true
}

// probed takes the result of the spawn that was tried.
func (s *Supervisor) probed(r sys.SpawnResult) {
	b, c := &s.boot, &s.cgroups
	var fail *sys.SpawnError
	reason := ""
	switch {
	case b.step != bootSpawn: // it was given up
	case r.Err == nil:
		reason = "the process is killed at once"
	case errors.As(r.Err, &fail) && fail.Step == sys.StepCgroup:
		reason = r.Err.Error()
	}
	if c.moveIn = c.moveIn || reason != ""; reason != "" {
		s.report(MovesIntoCgroup{Reason: reason})
	}
	s.orphans.abandoned.add(r)
	b.probe = 0
	if b.step == bootSpawn {
		s.discardProbe()
		b.step = bootDone
	}
}

// giveUpProbe gives up a spawn that hangs.
func (s *Supervisor) giveUpProbe() {
	if s.boot.probe == 0 {
		return
	}
	s.k.Abort(s.boot.probe)
	s.discardProbe()
}

// discardProbe removes the cgroup of the spawn that was tried.
func (s *Supervisor) discardProbe() {
	leaf := s.cgroups.tree.LeafPath("+probe", 0)
	s.cgroups.removals.add(leaf)
	s.cgroups.removals.add(path.Dir(leaf))
}

// endBoot starts the services. The error of the result means that the configuration
// requires what is not there.
func (s *Supervisor) endBoot() {
	c := &s.cgroups
	s.set(s.boot.alarm, sys.Never)
	if c.tree == nil && c.require && !s.ending.asked {
		s.boot.result.Err = fmt.Errorf("the configuration requires cgroups (\"cgroup\": \"require\"), and this machine has none to give: %s", c.missing[0].Text)
		s.phase = over
		return
	}
	if !s.ending.asked { // else nothing is started: what is missing is missed by no service
		c.reportMissing(s.opt.Services, s.opt.Cgroup == config.CgroupOff)
	}
	s.phase = running
	s.startServices()
}
