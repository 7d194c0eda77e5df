package fakesys

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// attributes are what sys.Attributes has changed in a process. Its children have the
// same ones.
type attributes struct {
	nice        int
	oomScoreAdj int
	umask       int
	limits      map[int]sys.Rlimit // by resource
	credential  sys.Credential
	noNewPrivs  bool
}

// ordinary are the attributes of gosv itself, which is root.
var ordinary = &attributes{umask: 0o022}

// attrs returns the attributes of a process.
func (p *process) attrs() *attributes {
	if p.attributes == nil {
		return ordinary
	}
	return p.attributes
}

// attributeFaults are the failures of Faults.Spawn that a request can meet only if it
// has the attribute.
var attributeFaults = []struct {
	errno syscall.Errno
	step  sys.Step
}{
	{syscall.EPERM, sys.StepSetsid}, {syscall.EACCES, sys.StepNice}, {syscall.EACCES, sys.StepOOMScoreAdj}, {syscall.ENOENT, sys.StepOOMScoreAdj},
	{syscall.EPERM, sys.StepRlimit}, {syscall.EPERM, sys.StepGroups}, {syscall.ENOMEM, sys.StepGroups}, {syscall.EPERM, sys.StepGID},
	{syscall.EPERM, sys.StepUID}, {syscall.EAGAIN, sys.StepUID}, {syscall.EINVAL, sys.StepNoNewPrivs},
}

// has reports whether a request has the attribute of a step.
func has(a *sys.Attributes, step sys.Step) bool {
	switch step {
	case sys.StepSetsid:
		return a.Setsid
	case sys.StepNice:
		return a.Nice != nil
	case sys.StepOOMScoreAdj:
		return a.OOMScoreAdj != nil
	case sys.StepRlimit:
		return len(a.Rlimits) > 0
	case sys.StepGroups, sys.StepGID, sys.StepUID:
		return a.Credential != nil
	case sys.StepNoNewPrivs:
		return a.NoNewPrivs
	}
	return false
}

// aboutAttribute is the value that a failed step names.
func aboutAttribute(a *sys.Attributes, step sys.Step) string {
	switch step {
	case sys.StepNice:
		return strconv.Itoa(*a.Nice)
	case sys.StepOOMScoreAdj:
		return strconv.Itoa(*a.OOMScoreAdj)
	case sys.StepRlimit:
		return a.Rlimits[0].Name()
	case sys.StepGroups:
		return strings.Trim(fmt.Sprint(a.Credential.Groups), "[]")
	case sys.StepGID:
		return fmt.Sprint(a.Credential.GID)
	case sys.StepUID:
		return fmt.Sprint(a.Credential.UID)
	}
	return ""
}

// setAttributes does what the child does between clone and chdir.
func (s *spawning) setAttributes() *sys.SpawnError {
	r, c := &s.req.Attributes, s.child
	changed := *c.attrs()
	if r.Nice != nil {
		changed.nice = *r.Nice
	}
	if r.OOMScoreAdj != nil {
		if *r.OOMScoreAdj < -1000 || *r.OOMScoreAdj > 1000 {
			return &sys.SpawnError{Step: sys.StepOOMScoreAdj, Path: aboutAttribute(r, sys.StepOOMScoreAdj), Err: syscall.EINVAL}
		}
		changed.oomScoreAdj = *r.OOMScoreAdj
	}
	for _, limit := range r.Rlimits {
		if limit.Soft > limit.Hard {
			return &sys.SpawnError{Step: sys.StepRlimit, Path: limit.Name(), Err: syscall.EINVAL}
		}
		if changed.limits == nil {
			changed.limits = map[int]sys.Rlimit{}
		}
		changed.limits[limit.Resource] = limit
	}
	if r.Umask != nil {
		changed.umask = *r.Umask
	}
	if r.Credential != nil {
		changed.credential = *r.Credential
	}
	changed.noNewPrivs = r.NoNewPrivs
	c.attributes = &changed
	return nil
}

var limitLines = [...]struct{ name, unit string }{
	{"cpu time", "seconds"}, {"file size", "bytes"}, {"data size", "bytes"}, {"stack size", "bytes"}, {"core file size", "bytes"},
	{"resident set", "bytes"}, {"processes", "processes"}, {"open files", "files"}, {"locked memory", "bytes"}, {"address space", "bytes"},
	{"file locks", "locks"}, {"pending signals", "signals"}, {"msgqueue size", "bytes"}, {"nice priority", ""}, {"realtime priority", ""}, {"realtime timeout", "us"},
}

// procLimits is proc_pid_limits(5).
func procLimits(w *World, p *process) string {
	var b strings.Builder
	line := func(name, soft, hard, unit string) {
		fmt.Fprintf(&b, "%-25s %-20s %-20s %-10s\n", name, soft, hard, unit)
	}
	line("Limit", "Soft Limit", "Hard Limit", "Units")
	for resource, l := range limitLines {
		limit, set := p.attrs().limits[resource]
		if !set {
			limit = sys.Rlimit{Soft: sys.RlimitInfinity, Hard: sys.RlimitInfinity}
			if resource == syscall.RLIMIT_NOFILE {
				limit = sys.Rlimit{Soft: uint64(w.opt.MaxFiles), Hard: uint64(w.opt.MaxFiles)}
			}
		}
		line("Max "+l.name, limitText(limit.Soft), limitText(limit.Hard), l.unit)
	}
	return b.String()
}

func limitText(n uint64) string {
	if n == sys.RlimitInfinity {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}

// appendCredential appends the lines of proc_pid_status(5) about users.
func appendCredential(b *strings.Builder, p *process) {
	c := p.attrs().credential
	fmt.Fprintf(b, "Uid:\t%d\t%d\t%d\t%d\nGid:\t%d\t%d\t%d\t%d\n", c.UID, c.UID, c.UID, c.UID, c.GID, c.GID, c.GID, c.GID)
}

// groupsText is the value of the Groups line, each with a space after it.
func groupsText(p *process) string {
	text := ""
	for _, g := range p.attrs().credential.Groups {
		text += fmt.Sprintf("%d ", g)
	}
	if text == "" {
		return " "
	}
	return text
}

// checkAttributes finds what a start is refused for before it has a child.
func (s *spawning) checkAttributes() *sys.SpawnError {
	return s.req.Check()
}
