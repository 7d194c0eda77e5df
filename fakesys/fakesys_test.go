package fakesys_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// sink keeps what it is given; with a limit it has room for so many bytes until
// free is called.
type sink struct {
	text   strings.Builder
	closed int
	limit  int
	resume func()
}

func (s *sink) Room(resume func()) int {
	if s.limit < 0 {
		return 1 << 20
	}
	if s.limit == 0 {
		s.resume = resume
	}
	return s.limit
}

func (s *sink) Write(p []byte) {
	if s.limit > 0 {
		s.limit -= len(p)
	}
	s.text.Write(p)
}

func (s *sink) Close() { s.closed++ }

func (s *sink) free(n int) {
	s.limit = n
	s.resume()
}

func endless() *sink { return &sink{limit: -1} }

// machine is a kernel with what most tests do on it.
type machine struct {
	*fakesys.Kernel
	t    *testing.T
	last sys.SpawnID
}

func newMachine(t *testing.T, o fakesys.Options) *machine {
	t.Helper()
	m := &machine{Kernel: fakesys.New(o), t: t}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("\n" + fakesys.Table(m.Processes()))
		}
	})
	return m
}

// request is a start of a testproc.
func (m *machine) request(script string) sys.SpawnRequest {
	m.last++
	return sys.SpawnRequest{ID: m.last, Path: fakesys.TestprocPath, Args: []string{"testproc", script}}
}

// result spawns and waits for the result.
func (m *machine) result(req sys.SpawnRequest) sys.SpawnResult {
	m.t.Helper()
	m.Spawn(req)
	for {
		for _, r := range m.Spawned() {
			if r.ID == req.ID {
				return r
			}
		}
		m.Wait(sys.Never)
		m.Exited()
	}
}

// start spawns a testproc that must start.
func (m *machine) start(script string) sys.Child {
	m.t.Helper()
	r := m.result(m.request(script))
	require.NoError(m.t, r.Err)
	return r.Child
}

// end waits for the end of a child and reaps it.
func (m *machine) end(c sys.Child) sys.Status {
	m.t.Helper()
	for {
		st, ended, err := m.Reap(c.Handle)
		require.NoError(m.t, err)
		if ended {
			return st
		}
		m.Wait(sys.Never)
		m.Exited()
	}
}

// pass lets time go on.
func (m *machine) pass(d time.Duration) {
	for until := m.Now() + d; m.Now() < until; {
		m.Wait(until)
		m.Exited()
		m.Changed()
		m.Finished()
	}
}

// state is the letter of a process, 0 for one that does not exist.
func (m *machine) state(pid int) byte {
	p, _ := m.Process(pid)
	return p.State
}

// children are the living processes forked by a process, in the order of their
// numbers.
func (m *machine) children(pid int) []fakesys.Process {
	var all []fakesys.Process
	for _, p := range m.Processes() {
		if p.Ppid == pid && p.State != 'Z' {
			all = append(all, p)
		}
	}
	return all
}

func TestExitIsDeliveredOnce(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	req := m.request("print hello; warn oops; sleep 1s; exit 3")
	out, err := endless(), endless()
	req.Stdout, req.Stderr = out, err
	c := m.result(req).Child
	assert.Equal(t, c.Pid, m.Processes()[2].Pgid, "it leads a group of its own")

	why := sys.Reason(0)
	for why&sys.WokeChild == 0 {
		why = m.Wait(sys.Never)
	}
	assert.Equal(t, c.ExecAt+time.Second, m.Now())
	assert.Equal(t, []sys.Handle{c.Handle}, m.Exited())
	assert.Empty(t, m.Exited())

	st, ended, e := m.Peek(c.Handle)
	assert.NoError(t, e)
	assert.True(t, ended)
	assert.Equal(t, sys.Status{Code: 3}, st)
	assert.Equal(t, byte('Z'), m.state(c.Pid))
	assert.Equal(t, sys.Status{Code: 3}, m.end(c))
	assert.Zero(t, m.state(c.Pid))
	_, _, e = m.Reap(c.Handle)
	assert.ErrorIs(t, e, syscall.ECHILD)
	assert.ErrorIs(t, m.Signal(c.Handle, syscall.SIGTERM), syscall.ESRCH)

	assert.Equal(t, "hello\n", out.text.String())
	assert.Equal(t, "oops\n", err.text.String())
	assert.Equal(t, []int{1, 1}, []int{out.closed, err.closed})
	m.Close(c.Handle)
	assert.Zero(t, m.Descriptors())
}

func TestScriptHandlesSignals(t *testing.T) {
	for script, want := range map[string]struct {
		st    sys.Status
		after time.Duration
	}{
		"sleep forever":                                             {sys.Status{Signal: syscall.SIGTERM}, 0},
		"ignore TERM; sleep 5s; exit 4":                             {sys.Status{Code: 4}, 4 * time.Second},
		"on TERM {sleep 2s; exit 5}; sleep forever":                 {sys.Status{Code: 5}, 2 * time.Second},
		"on TERM {print x}; sleep 3s; exit 6":                       {sys.Status{Code: 6}, 3 * time.Second},
		"on TERM {exit 1}; default TERM; sleep forever":             {sys.Status{Signal: syscall.SIGTERM}, 0},
		"block 3s; exit 7":                                          {sys.Status{Signal: syscall.SIGTERM}, 2 * time.Second},
		"on TERM {exit 8}; block 3s; exit 7":                        {sys.Status{Code: 8}, 2 * time.Second},
		"on TERM {default TERM; sleep 1s; die TERM}; sleep forever": {sys.Status{Signal: syscall.SIGTERM}, time.Second},
	} {
		m := newMachine(t, fakesys.Options{})
		c := m.start(script)
		m.pass(c.ExecAt + time.Second - m.Now())
		sent := m.Now()
		require.NoError(t, m.Signal(c.Handle, syscall.SIGTERM))
		assert.Equal(t, want.st, m.end(c), script)
		assert.Equal(t, want.after, m.Now()-sent, script)
	}
}

func TestStoppedProcessKeepsTERMPendingAndDiesOfKILL(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	a, b := m.start("stop; sleep forever"), m.start("sleep forever")
	m.pass(time.Second)
	require.NoError(t, m.Signal(b.Handle, syscall.SIGSTOP))
	m.pass(time.Second)
	assert.Equal(t, "TT", string([]byte{m.state(a.Pid), m.state(b.Pid)}))
	for _, c := range []sys.Child{a, b} {
		require.NoError(t, m.Signal(c.Handle, syscall.SIGTERM))
	}
	m.pass(time.Second)
	assert.Equal(t, "TT", string([]byte{m.state(a.Pid), m.state(b.Pid)}))
	require.NoError(t, m.Signal(a.Handle, syscall.SIGCONT))
	require.NoError(t, m.Signal(b.Handle, syscall.SIGKILL))
	assert.Equal(t, sys.Status{Signal: syscall.SIGTERM}, m.end(a))
	assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, m.end(b))
}

func TestGroupSignalReachesForksButNotOtherSessions(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	require.NoError(t, m.BecomeSubreaper())
	c := m.start("fork {sleep forever}; fork {setsid; sleep forever}; sleep forever")
	m.pass(time.Second)
	require.Len(t, m.children(c.Pid), 2)
	require.NoError(t, m.SignalGroup(c.Handle, syscall.SIGTERM))
	m.end(c)
	left := m.children(m.Pid())
	require.Len(t, left, 1, "the session leader is adopted")
	assert.Equal(t, left[0].Pid, left[0].Sid)

	orphans, err := m.Orphans()
	assert.NoError(t, err)
	assert.True(t, orphans.Exist)
	assert.Equal(t, sys.Status{Signal: syscall.SIGTERM}, orphans.Status)
	_, err = m.ReapPid(orphans.Zombie)
	require.NoError(t, err)
	require.NoError(t, m.Kill(left[0].Pid, syscall.SIGKILL))
	m.Wait(sys.Never)
	orphans, _ = m.Orphans()
	assert.Equal(t, left[0].Pid, orphans.Zombie)
	_, err = m.ReapPid(orphans.Zombie)
	require.NoError(t, err)
	orphans, _ = m.Orphans()
	assert.Zero(t, orphans)
}

func TestOrphanIsReparentedToInitWithoutSubreaper(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("fork {sleep 1s}; exit 0")
	m.end(c)
	require.Len(t, m.children(1), 2, "gosv and the orphan")
	m.pass(2 * time.Second)
	assert.Len(t, m.Processes(), 2, "init reaps at once")
}

func TestPIDsInUseAreNotAllocated(t *testing.T) {
	m := newMachine(t, fakesys.Options{PidMax: 14})
	require.NoError(t, m.BecomeSubreaper())
	c := m.start("fork {sleep forever}; exit 0")
	m.end(c)
	m.Close(c.Handle)
	seen := map[int]bool{}
	for range 20 {
		d := m.start("exit 0")
		m.end(d)
		m.Close(d.Handle)
		m.pass(10 * time.Millisecond)
		seen[d.Pid] = true
	}
	assert.NotContains(t, seen, c.Pid, "its group still has a member")
	assert.NotContains(t, seen, m.Pid())
	assert.Contains(t, seen, 13)
	assert.Contains(t, seen, 3, "numbers begin again at the lowest")
}

func TestFullPipeBlocksWriterUntilSinkResumes(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	out := &sink{limit: 1000}
	req := m.request("flood 100000; exit 0")
	req.Stdout = out
	c := m.result(req).Child
	m.pass(time.Second)
	assert.Equal(t, byte('S'), m.state(c.Pid))
	assert.Equal(t, 1000, out.text.Len())
	out.free(40000)
	m.pass(time.Second)
	assert.Equal(t, byte('Z'), m.state(c.Pid), "the rest fits into the pipe")
	assert.Zero(t, out.closed)
	out.free(1 << 20)
	m.pass(time.Second)
	assert.Equal(t, 100000, out.text.Len())
	assert.Equal(t, 1, out.closed)
}

func TestClosedOutputKillsWriterBySIGPIPE(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	out := endless()
	req := m.request("print a; sleep 1s; print b; exit 0")
	req.Stdout = out
	c := m.result(req).Child
	m.pass(500 * time.Millisecond)
	m.CloseOutput(req.ID)
	assert.Equal(t, 1, out.closed)
	assert.Equal(t, sys.Status{Signal: syscall.SIGPIPE}, m.end(c))
	assert.Equal(t, "a\n", out.text.String())
}

// An exit that was found otherwise, and whose handle is closed, is told no more:
// the number of the handle may be another's already.
func TestExitedForgetsAClosedHandle(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("sleep 1s")
	for m.Wait(sys.Never)&sys.WokeChild == 0 {
	}
	_, ended, err := m.Reap(c.Handle)
	require.NoError(t, err)
	require.True(t, ended)
	m.Close(c.Handle)
	assert.Empty(t, m.Exited())
}
