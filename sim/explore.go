package sim

import (
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
)

// Space is a set of kinds of deviations.
type Space uint8

// The kinds.
const (
	Failures  = Space(aCall)   // a call that can fail does, with each errno that is legal
	Crashes   = Space(aStep)   // gosv is killed, and another begins
	Decisions = Space(aChoice) // a choice is another than 0
	SlowCalls = Space(aLoop)   // a call of the loop takes long: one of slownesses
)

// Explore plays a plan, all that deviate from it by one more thing of the first
// space, from these by one more of the second, later than the first, and so on.
// visit gets each with its report, in an order that is always the same, and ends
// it all by false. Below a run that broke a rule nothing is explored. Nor is there
// below one that went like another with the same call failed by another errno, as
// far as calls and their times tell; and errnos that gosv never told apart at calls
// of one kind are tried once there from then on.
func Explore(p Plan, spaces []Space, visit func(Plan, *Report) bool) bool {
	rec := &recorder{}
	r := p.play(rec)
	x := explorer{visit: visit, met: map[pair]bool{}, unlike: map[pair]bool{}}
	return visit(p, r) && (r.Failed() || x.explore(p, rec.branchPoints, spaces))
}

type explorer struct {
	visit  func(Plan, *Report) bool
	met    map[pair]bool // kinds of calls that were failed
	unlike map[pair]bool
}

// pair is two errnos of a kind of calls, or without them the kind.
type pair struct {
	op           fakesys.Op
	target       string
	first, other syscall.Errno
}

// known reports an errno that gosv has never told apart from one of others at a
// call of the kind.
func (x *explorer) known(m branchPoint, errno syscall.Errno, others []syscall.Errno) bool {
	return x.met[pair{op: m.op, target: m.target}] && slices.ContainsFunc(others, func(e syscall.Errno) bool {
		return !x.unlike[pair{m.op, m.target, e, errno}]
	})
}

func (x *explorer) explore(p Plan, branchPoints []branchPoint, spaces []Space) bool {
	if len(spaces) == 0 {
		return true
	}
	var next []Plan
	for i := p.from; i < len(branchPoints); i++ {
		if Space(branchPoints[i].kind)&spaces[0] == 0 {
			continue
		}
		ways, more := x.deviate(p, i, branchPoints[i], len(spaces) > 1)
		if !more {
			return false
		}
		next = append(next, ways...)
	}
	for _, q := range next {
		rec := &recorder{}
		q.play(rec)
		if !x.explore(q, rec.branchPoints, spaces[1:]) {
			return false
		}
	}
	return true
}

// deviate plays every other way to go at a moment, and gives those of which more
// is to be explored.
func (x *explorer) deviate(p Plan, i int, m branchPoint, deeper bool) (next []Plan, more bool) {
	shapes := map[uint64]syscall.Errno{}
	kind := pair{op: m.op, target: m.target}
	learns := m.kind == aCall && !x.met[kind]
	for _, q := range x.deviations(p, m) {
		q.from = i + 1
		var rec *recorder
		if deeper || learns {
			rec = &recorder{}
		}
		r := q.play(rec)
		if !x.visit(q, r) {
			return nil, false
		}
		if rec == nil || r.Failed() {
			continue
		}
		errno := q.errno(m)
		if _, alike := shapes[rec.shape]; deeper && (!alike || errno == 0) {
			next = append(next, q)
		}
		for shape, other := range shapes {
			if shape != rec.shape {
				x.unlike[pair{m.op, m.target, other, errno}] = true
			}
		}
		if _, had := shapes[rec.shape]; !had {
			shapes[rec.shape] = errno
		}
	}
	x.met[kind] = true
	return next, true
}

// errno is what the plan fails a call with, 0 for another moment.
func (p Plan) errno(m branchPoint) syscall.Errno {
	if m.kind != aCall {
		return 0
	}
	return p.Fails[len(p.Fails)-1].Errno
}

// deviations are the plans that go another way at a moment.
func (x *explorer) deviations(p Plan, m branchPoint) (all []Plan) {
	q := p
	switch m.kind {
	case aCall:
		errnos := legalErrnos(m.op, m.target)
		for i, errno := range errnos {
			if p.from == 0 || !x.known(m, errno, errnos[:i]) {
				q.Fails = append(slices.Clip(p.Fails), Fail{m.index, errno})
				all = append(all, q)
			}
		}
	case aLoop:
		for _, by := range slownesses {
			q.Slow = append(slices.Clip(p.Slow), Slow{m.index, by})
			all = append(all, q)
		}
	case aStep:
		q.Crashes = append(slices.Clip(p.Crashes), m.index)
		all = append(all, q)
	case aChoice:
		for _, v := range values(m.n) {
			q.Choices = append(slices.Clip(p.Choices), Choice{m.index, v})
			all = append(all, q)
		}
	}
	return all
}

// slownesses are beyond most of what happens in a moment (a start that is slow, the
// end of a program, a delay of a restart), and beyond the usual grace of a stop.
var slownesses = []time.Duration{1500 * time.Millisecond, 12 * time.Second}

// values are those of a choice that are tried: all but 0, and of a number that is
// drawn from many its ends.
func values(n int) (all []int) {
	if n > 32 {
		return []int{1, n - 1}
	}
	for v := 1; v < n; v++ {
		all = append(all, v)
	}
	return all
}

// legalErrnos are those that Linux may answer a call with that nothing is wrong
// with: what it says at once and not the next time.
func legalErrnos(op fakesys.Op, target string) []syscall.Errno {
	all := transient[op]
	for _, c := range catalogue() {
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

// catalogue is made when it is needed: gosv carries this package along.
var catalogue = sync.OnceValue(func() []fakesys.CallFault { return fakesys.Calls(1) })

// lasting reports an errno that is no accident but says how a thing is: gone,
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
	fakesys.OpReadFile: opening, fakesys.OpWriteFile: opening, fakesys.OpReadDir: opening, fakesys.OpOpenPid: opening, fakesys.OpLock: append(slices.Clip(opening), syscall.ENOLCK), fakesys.OpLocker: opening,
	fakesys.OpReadlink: {syscall.ENOMEM}, fakesys.OpWatch: {syscall.ENOSPC, syscall.ENOMEM},
	fakesys.OpSpawn: {syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.ETXTBSY, syscall.EBUSY, syscall.ENOENT, syscall.EACCES, syscall.EIO},
}
