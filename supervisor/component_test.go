package supervisor

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// bench is what a component runs on in a test: a clock that is set by hand, jobs that run
// when the test says so, and the events that were reported.
type bench struct {
	*core
	at   time.Duration
	jobs []sys.Job
	seen recorder
}

func newBench() *bench {
	b := &bench{}
	b.core = &core{clock: b, worker: b, reporter: reporter{observer: &b.seen}}
	return b
}

func (b *bench) Now() time.Duration { return b.at }
func (b *bench) Wall() time.Time    { return time.Time{} }
func (b *bench) Submit(j sys.Job)   { b.jobs = append(b.jobs, j) }
func (b *bench) Finished() []any    { return nil }

// advance lets time pass until the next deadline, and what is due then happens.
func (b *bench) advance(t *testing.T) {
	t.Helper()
	require.NotEqual(t, sys.Never, b.alarms.next(), "nothing is due")
	b.at = max(b.at, b.alarms.next())
	b.alarms.fire(b.at)
}

// work runs the jobs that were submitted, and takes their results.
func (b *bench) work() {
	jobs := b.jobs
	b.jobs = nil
	for _, j := range jobs {
		j(nil).(func())()
	}
}

// trees answers the removal of cgroups.
type trees struct {
	first, later error
	removed      []string
}

func (f *trees) RemoveEmpty(path string) error { f.removed = append(f.removed, path); return f.first }
func (f *trees) Remove(path string) error      { f.removed = append(f.removed, path); return f.later }

func newRemovals(b *bench, f *trees) *removals {
	return &removals{core: b.core, tree: func() removalTree { return f }, more: newAlarm(func() {})}
}

func TestRemovalsAreSpreadOverTurns(t *testing.T) {
	b, f := newBench(), &trees{}
	r := newRemovals(b, f)
	for range maxRemoved + 1 {
		r.add("/web/1")
	}
	r.turn()
	assert.Len(t, f.removed, maxRemoved)
	assert.True(t, r.pending())
	assert.Equal(t, b.at, b.alarms.next(), "the next turn comes at once")
	r.turn()
	assert.Len(t, f.removed, maxRemoved+1)
	assert.False(t, r.pending())
}

// Each busy cgroup is tried again at its own time: not whenever another one is due.
func TestEachBusyCgroupHasItsOwnTime(t *testing.T) {
	b, f := newBench(), &trees{first: syscall.EBUSY, later: syscall.EBUSY}
	r := newRemovals(b, f)
	r.add("/a")
	r.turn()
	for range 4 { // the pause of /a grows
		b.advance(t)
		b.work()
	}
	r.add("/b")
	r.turn()
	f.removed = nil
	b.advance(t)
	b.work()
	assert.Equal(t, []string{"/b"}, f.removed)
}

func TestABusyCgroupIsGivenUpInTheEnd(t *testing.T) {
	b, f := newBench(), &trees{first: syscall.EBUSY, later: syscall.EBUSY}
	r := newRemovals(b, f)
	r.add("/a")
	for r.turn(); r.pending(); {
		b.advance(t)
		b.work()
	}
	assert.Equal(t, []Event{RemovalFailed{Path: "/a", Tried: removeBound, Err: syscall.EBUSY}}, b.seen.events)
	assert.InDelta(t, removeBound.Seconds(), b.at.Seconds(), 1)
}

func TestARemovalThatHangsIsTriedAgain(t *testing.T) {
	b, f := newBench(), &trees{first: syscall.EBUSY}
	r := newRemovals(b, f)
	r.add("/a")
	r.turn()
	b.advance(t) // its job hangs
	hung := b.jobs
	b.jobs = nil
	b.advance(t)
	b.work()
	assert.False(t, r.pending())
	hung[0](nil).(func())()
	assert.Empty(t, b.seen.events, "a job that comes late changes nothing")

	r.add("/b")
	for r.turn(); r.pending(); {
		b.advance(t)
		b.jobs = nil
	}
	require.Len(t, b.seen.events, 1)
	assert.ErrorIs(t, b.seen.events[0].(RemovalFailed).Err, errRemovalHangs)
}

// children answers what gosv adopted: zombies, in their order.
type children struct {
	zombies []int
	err     error
	refuse  int // a PID that cannot be reaped
	reaped  []int
}

func (c *children) Orphans() (sys.Orphans, error) {
	pid, _, err := c.AnyZombie()
	return sys.Orphans{Exist: pid != 0, Zombie: pid}, err
}

func (c *children) AnyZombie() (int, sys.Status, error) {
	if c.err != nil || len(c.zombies) == 0 {
		return 0, sys.Status{}, c.err
	}
	return c.zombies[0], sys.Status{}, nil
}

func (c *children) ReapPid(pid int) (sys.Status, error) {
	if pid == c.refuse {
		return sys.Status{}, syscall.EINVAL
	}
	c.zombies = c.zombies[1:]
	c.reaped = append(c.reaped, pid)
	return sys.Status{}, nil
}

func newOrphans(b *bench, c *children) *orphanReaper {
	return &orphanReaper{core: b.core, k: c, siblings: newAlarm(func() {}), more: newAlarm(func() {})}
}

func TestOrphansAreReapedUntilNoneIsLeft(t *testing.T) {
	b, c := newBench(), &children{zombies: []int{7, 8}}
	o := newOrphans(b, c)
	assert.True(t, o.reap())
	assert.False(t, o.reap())
	assert.Equal(t, []int{7, 8}, c.reaped)
	assert.Equal(t, 2, o.deaths)
}

func TestOneTurnReapsABoundedNumberOfOrphans(t *testing.T) {
	b, c := newBench(), &children{zombies: make([]int, maxReaped+1)}
	for i := range c.zombies {
		c.zombies[i] = i + 1
	}
	o := newOrphans(b, c)
	assert.True(t, o.reap())
	assert.Len(t, c.reaped, maxReaped)
	assert.Equal(t, b.at, b.alarms.next(), "the others are for the next turn, at once")
}

func TestAFailureToLookForOrphansIsReportedOnce(t *testing.T) {
	b, c := newBench(), &children{err: syscall.EINVAL}
	o := newOrphans(b, c)
	for range 100 {
		o.reap()
	}
	assert.Len(t, b.seen.events, 1)
}

func TestSiblingsAreReapedButNoZombieOfAService(t *testing.T) {
	for name, tt := range map[string]struct {
		whose    owner
		spawning bool
		reaped   []int
		again    bool
	}{
		"nobody's":                 {noOwner, false, []int{7}, false},
		"held":                     {held, false, nil, true},
		"a spawn without a result": {noOwner, true, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			b, c := newBench(), &children{zombies: []int{7}}
			o := newOrphans(b, c)
			assert.Equal(t, tt.reaped != nil, o.reapSiblings(func(int) owner { return tt.whose }, tt.spawning))
			assert.Equal(t, tt.reaped, c.reaped)
			assert.Equal(t, tt.again, b.alarms.next() == siblingPause)
		})
	}
	b, c := newBench(), &children{zombies: []int{7}, refuse: 7}
	newOrphans(b, c).reapSiblings(func(int) owner { return noOwner }, false)
	assert.Equal(t, []Event{OrphanReapFailed{PID: 7, Err: syscall.EINVAL}}, b.seen.events)
}

// handles answers for the children of abandoned spawns.
type handles struct {
	ended   bool
	err     error
	signals []syscall.Signal
	closed  int
}

func (h *handles) Signal(_ sys.Handle, sig syscall.Signal) error {
	h.signals = append(h.signals, sig)
	return nil
}
func (h *handles) Reap(sys.Handle) (sys.Status, bool, error) { return sys.Status{}, h.ended, h.err }
func (h *handles) Close(sys.Handle)                          { h.closed++ }

func newAbandoned(b *bench, h *handles) *abandonedChildren {
	a := &abandonedChildren{core: b.core, k: h}
	a.alarm = newAlarm(a.reapAll)
	return a
}

func TestTheChildOfAnAbandonedSpawnIsKilledAndReaped(t *testing.T) {
	b, h := newBench(), &handles{}
	a := newAbandoned(b, h)
	a.add(sys.SpawnResult{Err: errors.New("it failed")})
	assert.Empty(t, a.handles)
	a.add(sys.SpawnResult{Child: sys.Child{Handle: 3}})
	assert.Equal(t, []syscall.Signal{syscall.SIGKILL}, h.signals)
	b.advance(t)
	assert.Len(t, a.handles, 1, "it lives")
	h.err = syscall.EINVAL
	b.advance(t)
	assert.Len(t, a.handles, 1, "nothing is known of it")
	h.err, h.ended = nil, true
	b.advance(t)
	assert.Empty(t, a.handles)
	assert.Equal(t, 1, h.closed)
	assert.Equal(t, sys.Never, b.alarms.next())
}

func TestAnAbandonedChildThatAnotherProcessReapedIsForgotten(t *testing.T) {
	b, h := newBench(), &handles{err: syscall.ECHILD}
	a := newAbandoned(b, h)
	a.add(sys.SpawnResult{Child: sys.Child{Handle: 3}})
	b.advance(t)
	assert.Empty(t, a.handles)
	assert.Equal(t, []Event{AbandonedChildReapFailed{Err: syscall.ECHILD}}, b.seen.events)
}

// tty is a terminal.
type tty struct {
	pgid int
	own  bool
	err  error
	set  error
	sets []int

	modes   syscall.Termios
	restore []syscall.Termios // modes that were set
}

func (t *tty) Modes() (syscall.Termios, error) { return t.modes, nil }

func (t *tty) SetModes(modes syscall.Termios) error {
	t.restore = append(t.restore, modes)
	return nil
}

func (t *tty) Foreground() (int, bool, error) { return t.pgid, t.own, t.err }
func (t *tty) SetForeground(pgid int) error   { t.sets = append(t.sets, pgid); return t.set }

func TestTheTerminalIsGivenIfGosvHasIt(t *testing.T) {
	for name, tt := range map[string]struct {
		tty    tty
		gives  bool
		events int
	}{
		"gosv has it":        {tty{own: true}, true, 0},
		"another job has it": {tty{pgid: 99}, false, 0},
		"there is none":      {tty{err: syscall.ENOTTY}, false, 0},
		"it is refused":      {tty{own: true, set: syscall.EPERM}, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			term := &terminal{core: b.core, k: &tt.tty}
			assert.Equal(t, tt.gives, term.give("web", 12))
			assert.Equal(t, tt.gives, term.given)
			assert.Len(t, b.seen.events, tt.events)
		})
	}
}

func TestAChildThatCtrlCEndedIsNotStartedAgain(t *testing.T) {
	for _, tt := range []struct {
		given, pressed bool
		code           int
		stopped        bool
		final          bool
		endedBy        syscall.Signal
	}{
		{true, false, 128 + int(syscall.SIGINT), false, true, syscall.SIGINT},
		{true, false, 128 + int(syscall.SIGQUIT), false, true, syscall.SIGQUIT},
		{true, false, 128 + int(syscall.SIGINT), true, false, 0},
		{true, false, 1, false, false, 0},
		{false, false, 128 + int(syscall.SIGINT), false, false, 0},
		{false, true, 128 + int(syscall.SIGINT), false, true, syscall.SIGINT},
		{false, true, 1, false, true, 0},
		{false, true, 1, true, false, 0},
	} {
		b := newBench()
		dev := &tty{own: true}
		term := &terminal{core: b.core, k: dev, given: tt.given}
		if tt.pressed {
			term.pressed(syscall.SIGINT)
		}
		out := lifecycle.Outcome{Cause: lifecycle.ByExit, Code: tt.code}
		assert.Equal(t, tt.final, term.ended(out, tt.stopped), "%+v", tt)
		assert.Equal(t, tt.endedBy, term.endedBy, "%+v", tt)
		assert.Equal(t, tt.given, len(dev.sets) == 1, "it is taken back")
	}
}

// Later modes are the command's, so only those of the first time are restored.
func TestTheModesOfTheTerminalAreRestored(t *testing.T) {
	sane, raw := syscall.Termios{Lflag: syscall.ECHO}, syscall.Termios{}
	b, dev := newBench(), &tty{own: true, modes: sane}
	term := &terminal{core: b.core, k: dev}
	for range 2 {
		require.True(t, term.give("web", 12))
		dev.modes = raw
		term.reclaim()
	}
	assert.Equal(t, []syscall.Termios{sane, sane}, dev.restore)
	term.reclaim()
	assert.Len(t, dev.restore, 2, "a terminal that was not given keeps the modes that another process set")
}

func TestTheInboxIsBoundedAndCloses(t *testing.T) {
	in := inbox{most: 2}
	require.NoError(t, in.put(Command{}))
	require.NoError(t, in.put(Command{}))
	assert.EqualError(t, in.put(Command{}), "2 commands are waiting already; try again")
	assert.Len(t, in.take(), 2)
	require.NoError(t, in.put(Command{}))
	assert.Len(t, in.close(), 1, "what was not taken is answered")
	assert.ErrorIs(t, in.put(Command{}), ErrEnded)
}
