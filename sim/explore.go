package sim

import (
	"slices"
	"syscall"

	"github.com/gosv/gosv/fakesys"
)

// Space is a set of kinds of deviations.
type Space uint8

// The kinds.
const (
	Failures  = Space(aCall)   // a call that can fail does, with each errno that is legal
	Crashes   = Space(aStep)   // gosv is killed, and another begins
	Decisions = Space(aChoice) // a choice is another than 0
)

// Explore plays a plan and all that deviate from it by one more thing of the
// first space, from these by one more of the second, later than the first, and so
// on. visit gets each with its report, in an order that is always the same, and
// ends it all by false. The tree is cut where nothing new can be below: a run that
// broke a rule, and a run that went as one before with another errno of the same
// call did, so far as calls and their times tell.
func Explore(p Plan, spaces []Space, visit func(Plan, *Report) bool) bool {
	s, err := p.Scenario()
	if err != nil {
		panic(err)
	}
	if len(spaces) == 0 {
		return visit(p, s.play(p.source(), nil, nil))
	}
	rec := &recorder{}
	r := s.play(p.source(), nil, rec)
	return visit(p, r) && (r.Failed() || p.explore(rec, spaces, visit))
}

func (p Plan) explore(rec *recorder, spaces []Space, visit func(Plan, *Report) bool) bool {
	for i := p.from; i < len(rec.moments); i++ {
		m := rec.moments[i]
		if Space(m.kind)&spaces[0] == 0 {
			continue
		}
		shapes := map[uint64]bool{}
		for _, q := range p.deviations(m) {
			q.from = i + 1
			if !q.exploreOnce(shapes, spaces[1:], visit) {
				return false
			}
		}
	}
	return true
}

// exploreOnce explores unless a sibling went the same way.
func (p Plan) exploreOnce(shapes map[uint64]bool, spaces []Space, visit func(Plan, *Report) bool) bool {
	if len(spaces) == 0 {
		return Explore(p, nil, visit)
	}
	s, _ := p.Scenario()
	rec := &recorder{}
	r := s.play(p.source(), nil, rec)
	if !visit(p, r) {
		return false
	}
	if r.Failed() || shapes[rec.shape] {
		return true
	}
	shapes[rec.shape] = true
	return p.explore(rec, spaces, visit)
}

// deviations are the plans that go another way at a moment.
func (p Plan) deviations(m moment) (all []Plan) {
	q := p
	switch m.kind {
	case aCall:
		for _, errno := range legalErrnos(m.op, m.target) {
			q.Fails = append(slices.Clip(p.Fails), Fail{m.index, errno})
			all = append(all, q)
		}
	case aStep:
		q.Crashes = append(slices.Clip(p.Crashes), m.index)
		all = append(all, q)
	case aChoice:
		for v := 1; v < m.n; v++ {
			q.Choices = append(slices.Clip(p.Choices), Choice{m.index, v})
			all = append(all, q)
		}
	}
	return all
}

// legalErrnos are those that Linux may answer a call with that nothing is wrong
// with: what it says at once and not the next time.
func legalErrnos(op fakesys.Op, target string) []syscall.Errno {
	all := transient[op]
	for _, c := range catalogue {
		if c.Op == op && (c.Target == "" || c.Target == target) {
			for _, errno := range c.Errnos {
				if !lasting(errno) && !slices.Contains(all, errno) {
					all = append(slices.Clip(all), errno)
				}
			}
		}
	}
	return all
}

var catalogue = fakesys.Calls(1)

// lasting tells of an errno that is no accident but says how a thing is: gone,
// another's, or of another kind. The fake kernel says it by itself where it is so.
func lasting(errno syscall.Errno) bool {
	switch errno {
	case syscall.ENOENT, syscall.ESRCH, syscall.ENODEV, syscall.EACCES, syscall.EPERM, syscall.EINVAL, syscall.EOPNOTSUPP:
		return true
	}
	return false
}

// opening are the errnos of open(2) for want of something.
var opening = []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM}

// transient are the errnos of calls that the catalogue does not list, since it
// has them in other ways or leaves them out as too rare.
var transient = map[fakesys.Op][]syscall.Errno{
	fakesys.OpReadFile: opening, fakesys.OpWriteFile: opening, fakesys.OpReadDir: opening, fakesys.OpOpenPid: opening, fakesys.OpLock: append(slices.Clip(opening), syscall.ENOLCK),
	fakesys.OpReadlink: {syscall.ENOMEM}, fakesys.OpWatch: {syscall.ENOSPC, syscall.ENOMEM},
	fakesys.OpSpawn: {syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.ETXTBSY, syscall.EBUSY, syscall.ENOENT, syscall.EACCES, syscall.EIO},
}
