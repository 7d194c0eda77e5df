package supervisor

import (
	"fmt"
	"math"
	"slices"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// cgroups makes the cgroups of instances.
type cgroups struct {
	*core
	tree      *cgroupfs.Tree    // nil: there are none
	removals  removals          // of cgroups that are empty
	missing   cgroupfs.Findings // what this machine lacks
	blind     error             // ProcUnreadable has reported it
	container bool
	moveIn    bool // the kernel cannot spawn into a cgroup: children move there
	require   bool // a service whose limits cannot be set is not started
}

// isGone reports whether an error means that the cgroup does not exist any more, and
// with it no member.
func isGone(err error) bool { return err != nil && cgroupfs.IsGone(err) }

// create makes the cgroup of an instance, with its limits. What fails is an event, so
// that nothing ever runs outside the cgroup it was meant for.
func (c *cgroups) create(in *liveInstance) *lifecycle.Event {
	if c.tree == nil {
		return nil
	}
	path := c.tree.LeafPath(in.svc.name(), in.number)
	unset, err := c.tree.Create(path, cgroupLimits(in.svc.conf.Limits))
	warnings := limitWarnings(unset, in.svc.conf.Limits)
	if err != nil {
		c.removals.add(path) // it was made for nothing
		return &lifecycle.Event{Kind: lifecycle.SpawnFailed, Machine: true, Outcome: cannotStart(in.svc, err.Error())}
	}
	in.cgroup = path
	before, ok := c.tree.OOMKills(path)
	if in.oomKills = before; !ok {
		in.oomKills = math.MaxUint64 // what is counted later may have been before
	}
	if len(warnings) == 0 {
		return nil
	}
	if c.require {
		c.removals.add(path) // it was made for nothing
		out := cannotStart(in.svc, warnings[0])
		out.Final = true // trying again would not bring the controller
		return &lifecycle.Event{Kind: lifecycle.SpawnFailed, Outcome: out}
	}
	c.reportLimits(in.svc, warnings)
	return nil
}

func cannotStart(svc *service, why string) lifecycle.Outcome {
	return lifecycle.Outcome{Cause: lifecycle.StartFailed, Code: 126, Err: fmt.Sprintf("cannot start %q: %s", svc.name(), why)}
}

// reportLimits reports once per service what is true of each of its spawns, and of no
// other service: the boot has reported the rest.
func (c *cgroups) reportLimits(svc *service, warnings []string) {
	if svc.limitsReported {
		return
	}
	reported := limitWarnings(unenforceable(c.missing, svc.conf.Limits), svc.conf.Limits)
	for _, w := range warnings {
		if !slices.Contains(reported, w) {
			c.report(LimitFailed{Service: svc.name(), Text: w})
			svc.limitsReported = true
		}
	}
}

// reportMissing reports what this machine lacks, once for all services.
func (c *cgroups) reportMissing(services []config.Service, off bool) {
	unmet := UnenforceableLimits(c.missing, services)
	for _, text := range unmet {
		c.report(LimitsUnmet{Text: text})
	}
	if off {
		return // noOwner expects any
	}
	for i, f := range c.missing {
		level := Debug // no service asks for it, or LimitsUnmet has reported it
		switch {
		case c.tree != nil, i > 0, len(unmet) > 0, f.Err != nil && f.Err == c.blind:
		case c.container:
			level = Info // a container usually cannot write to its cgroup
		default:
			level = Warning // orphans are harder to find
		}
		c.report(CgroupFinding{Finding: f, level: level})
	}
}

// isEmpty reports whether nothing lives in a cgroup.
func (c *cgroups) isEmpty(path string) bool {
	populated, _, err := c.tree.Populated(path)
	return err == nil && !populated || isGone(err)
}

// sawOOM reports whether the OOM killer took something of the service since the instance
// was made.
func (c *cgroups) sawOOM(in *liveInstance) bool {
	if in.cgroup == "" {
		return false
	}
	n, ok := c.tree.OOMKills(in.cgroup)
	return ok && n > in.oomKills
}
