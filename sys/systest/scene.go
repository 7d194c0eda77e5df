package systest

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

const (
	// patience is how long a case waits for what must come.
	patience = 10 * time.Second
	// aMoment is how long a case looks for what must not come.
	aMoment = 5 * time.Millisecond
)

// scene is one case under way.
type scene struct {
	*testing.T
	World
	sys.Kernel

	lastID   sys.SpawnID
	begun    map[sys.SpawnID]bool
	results  map[sys.SpawnID]sys.SpawnResult // drained by the scene
	ended    map[sys.Handle]int              // how often Exited told of a child
	children []*child
}

// child is a start that succeeded.
type child struct {
	sys.Child
	id       sys.SpawnID
	out, err *Lines
	gone     bool // reaped and closed
}

// pump drains what the scene keeps account of.
func (s *scene) pump() {
	for _, r := range s.Spawned() {
		if s.results == nil {
			s.results = map[sys.SpawnID]sys.SpawnResult{}
		}
		if _, twice := s.results[r.ID]; twice {
			s.Errorf("start %d has a second result: %+v", r.ID, r)
		}
		s.results[r.ID] = r
	}
	for _, h := range s.Exited() {
		if s.ended == nil {
			s.ended = map[sys.Handle]int{}
		}
		s.ended[h]++
	}
}

// await lets the world go on until a condition holds; seen tells what there is
// instead if it never does.
func (s *scene) await(what string, holds func() bool, seen ...func() any) {
	s.Helper()
	limit := s.Now() + patience
	for {
		s.pump()
		if holds() {
			return
		}
		now := s.Now()
		if now >= limit {
			text := ""
			for _, f := range seen {
				text += fmt.Sprintf("; seen: %+v", f())
			}
			s.Fatalf("not in %v: %s%s", patience, what, text)
		}
		// What /proc shows and what a Sink gets wakes nobody.
		s.Wait(min(now+time.Millisecond, limit))
	}
}

// pass lets the world go on for a while.
func (s *scene) pass(d time.Duration) {
	for until := s.Now() + d; s.Now() < until; {
		s.pump()
		s.Wait(until)
	}
	s.pump()
}

// request is for a testproc with sinks of its own.
func (s *scene) request(script string, change ...func(*sys.SpawnRequest)) sys.SpawnRequest {
	path, args := s.Testproc(script)
	s.lastID++
	r := sys.SpawnRequest{ID: s.lastID, Path: path, Args: args, Stdout: &Lines{}, Stderr: &Lines{}}
	for _, f := range change {
		f(&r)
	}
	return r
}

// Spawn keeps account of what has to be cleared.
func (s *scene) Spawn(r sys.SpawnRequest) {
	s.Kernel.Spawn(r)
	if s.begun == nil {
		s.begun = map[sys.SpawnID]bool{}
	}
	s.begun[r.ID] = true
}

// result waits for the result of a start.
func (s *scene) result(id sys.SpawnID) sys.SpawnResult {
	s.Helper()
	s.await(fmt.Sprintf("a result of start %d", id), func() bool { _, ok := s.results[id]; return ok })
	return s.results[id]
}

// start starts a testproc.
func (s *scene) start(script string, change ...func(*sys.SpawnRequest)) *child {
	s.Helper()
	r := s.request(script, change...)
	s.Spawn(r)
	return s.child(r)
}

// child waits for a start that must succeed.
func (s *scene) child(r sys.SpawnRequest) *child {
	s.Helper()
	res := s.result(r.ID)
	require.NoError(s, res.Err, "start of %s %q", r.Path, r.Args)
	c := &child{Child: res.Child, id: r.ID}
	c.out, _ = r.Stdout.(*Lines)
	c.err, _ = r.Stderr.(*Lines)
	s.children = append(s.children, c)
	return c
}

// ready starts a testproc and waits until it, or a child of its, prints "ready".
func (s *scene) ready(script string, change ...func(*sys.SpawnRequest)) *child {
	s.Helper()
	c := s.start(script, change...)
	s.line(c, "ready")
	return c
}

// line waits for a line on a child's stdout.
func (s *scene) line(c *child, text string) {
	s.Helper()
	s.await(fmt.Sprintf("the line %q", text), func() bool { return c.out.has(text) }, func() any { return c.out.Text() })
}

// end waits until a child has ended, and leaves it a zombie.
func (s *scene) end(c *child) sys.Status {
	s.Helper()
	var st sys.Status
	s.await(fmt.Sprintf("the end of process %d", c.Pid), func() bool {
		var ended bool
		var err error
		st, ended, err = s.Peek(c.Handle)
		require.NoError(s, err)
		return ended
	})
	return st
}

// reap waits for the end of a child and reaps it. Its handle stays open.
func (s *scene) reap(c *child) sys.Status {
	s.Helper()
	s.end(c)
	st, ended, err := s.Reap(c.Handle)
	require.NoError(s, err)
	require.True(s, ended, "Peek said that process %d has ended, Reap does not", c.Pid)
	return st
}

// alive requires that a child goes on for a moment.
func (s *scene) alive(c *child) {
	s.Helper()
	s.pass(aMoment)
	_, ended, err := s.Peek(c.Handle)
	require.NoError(s, err)
	require.False(s, ended, "process %d has ended", c.Pid)
	assert.Zero(s, s.ended[c.Handle], "Exited tells of process %d, which lives", c.Pid)
}

// clear ends what the case left and requires that nothing stays.
func (s *scene) clear() {
	for id := range s.begun {
		s.Abort(id)
		if r := s.result(id); r.Err == nil && !s.known(r.Child.Handle) {
			s.children = append(s.children, &child{Child: r.Child, id: id})
		}
	}
	for _, c := range s.children {
		s.dismiss(c)
	}
	s.await("the end of every orphan that the case made", s.noOrphan, func() any { return s.offspringOf(s.Pid()) })
}

func (s *scene) known(h sys.Handle) bool {
	for _, c := range s.children {
		if c.Handle == h {
			return true
		}
	}
	return false
}

// dismiss kills a child with its group, reaps it and closes its handle.
func (s *scene) dismiss(c *child) {
	if c.gone {
		return
	}
	c.gone = true
	defer s.Close(c.Handle)
	if _, _, err := s.Peek(c.Handle); err == syscall.ECHILD {
		return // the case has reaped it
	}
	err := s.SignalGroup(c.Handle, syscall.SIGKILL)
	if err == syscall.ESRCH { // an aborted start may have died before it led a group
		err = s.Signal(c.Handle, syscall.SIGKILL)
	}
	if err != nil {
		s.Errorf("kill process %d: %v", c.Pid, err)
	}
	s.reap(c)
}

// noOrphan reaps an orphan if there is one, and reports whether none is left.
func (s *scene) noOrphan() bool {
	if s.Failed() { // what it left ends here, or the next case would find it
		for _, p := range s.offspringOf(s.Pid()) {
			s.Send(p.PID, syscall.SIGKILL)
		}
	}
	orphans := s.orphans()
	if orphans.Zombie != 0 {
		_, err := s.ReapPid(orphans.Zombie)
		require.NoError(s, err)
	}
	return !orphans.Exist
}
