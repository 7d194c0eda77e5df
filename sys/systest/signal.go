package systest

import (
	"strings"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var signalCases = []testcase{
	{"a signal reaches the child, which may handle it", signalIsHandled},
	{"an ignored signal does nothing, KILL does", ignoredSignal},
	{"a fork inherits what is ignored, and not what is handled", forkInherits},
	{"a signal to a zombie succeeds, after the reap it is ESRCH", signalToZombie},
	{"a signal to the group reaches every member", groupIsReached},
	{"a group is reached after its leader ended, while the zombie is held", groupAfterLeader},
	{"a signal to a group of which only the zombie is left succeeds", groupOfZombie},
	{"a process that left the group is not reached", leaverIsNotReached},
	{"OpenPid gives a second, independent handle", openTwice},
	{"OpenPid of a PID without a process: ESRCH", openNobody},
	{"OpenPid of a negative PID: EINVAL", openNonsense},
	{"a signal that does not exist: EINVAL", signalNonsense},
	{"signal 0 only asks", signalZero},
	{"a signal that comes during its own handler runs it once more afterwards", signalInItsHandler},
	{"a handle stays bound to its process after the reap", handleStaysBound},
}

func signalIsHandled(s *scene) {
	c := s.ready("on TERM {print bye; exit 3}; on USR1 {print once}; print ready; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.line(c, "once")
	s.alive(c)
	require.NoError(s, s.Signal(c.Handle, syscall.SIGTERM))
	assert.Equal(s, sys.Status{Code: 3}, s.reap(c))
	s.line(c, "bye")
}

func ignoredSignal(s *scene) {
	c := s.ready("ignore TERM; print ready; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGTERM))
	s.alive(c)
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
}

func forkInherits(s *scene) {
	c := s.ready("ignore TERM; on USR1 {print handled}; fork {on USR2 {print alive}; print ready; sleep forever}; wait; print alone; sleep forever")
	require.NoError(s, s.SignalGroup(c.Handle, syscall.SIGTERM))
	s.alive(c)
	assert.Len(s, s.group(c.Pid), 2)
	require.NoError(s, s.SignalGroup(c.Handle, syscall.SIGUSR1))
	s.line(c, "handled")
	s.line(c, "alone") // the fork died of it
	assert.Equal(s, []int{c.Pid}, s.group(c.Pid))
}

func signalToZombie(s *scene) {
	c := s.start("exit 5")
	s.end(c)
	assert.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	assert.Equal(s, sys.Status{Code: 5}, s.reap(c))
	assert.ErrorIs(s, s.Signal(c.Handle, syscall.SIGKILL), syscall.ESRCH)
}

func groupIsReached(s *scene) {
	c := s.ready("on USR1 {print leader}; fork {on USR1 {print member}; fork {on USR1 {print deep}; print ready; sleep forever}; sleep forever}; sleep forever")
	require.NoError(s, s.SignalGroup(c.Handle, syscall.SIGUSR1))
	for _, who := range []string{"leader", "member", "deep"} {
		s.line(c, who)
	}
}

func groupAfterLeader(s *scene) {
	c := s.ready("fork {on TERM {print bye; exit 0}; print ready; sleep forever}; exit 0")
	s.end(c)
	require.NoError(s, s.SignalGroup(c.Handle, syscall.SIGTERM))
	s.line(c, "bye")
	s.closes(c.out)
}

func groupOfZombie(s *scene) {
	c := s.start("exit 0")
	s.end(c)
	assert.NoError(s, s.SignalGroup(c.Handle, syscall.SIGTERM))
	assert.NoError(s, s.SignalGroup(c.Handle, 0))
}

func leaverIsNotReached(s *scene) {
	c := s.ready("fork {setsid; on USR1 {print wrong}; on USR2 {exit 0}; print apart; sleep forever}; on USR1 {print right}; print ready; sleep forever")
	s.line(c, "apart")
	leaver := s.offspring(c.Pid)
	require.NotEqual(s, c.Pid, s.stat(leaver).Group)
	require.NoError(s, s.SignalGroup(c.Handle, syscall.SIGUSR1))
	s.line(c, "right")
	s.alive(c)
	assert.False(s, c.out.has("wrong"))
	s.Send(leaver, syscall.SIGUSR2)
}

// offspring is the one child of a process.
func (s *scene) offspring(parent int) (pid int) {
	s.Helper()
	found := s.offspringOf(parent)
	require.Len(s, found, 1)
	return found[0].PID
}

func openTwice(s *scene) {
	c := s.ready("on USR1 {print one}; on USR2 {print two}; print ready; sleep forever")
	h, err := s.OpenPid(c.Pid)
	require.NoError(s, err)
	assert.NotEqual(s, c.Handle, h)
	require.NoError(s, s.Signal(h, syscall.SIGUSR1))
	s.line(c, "one")
	s.Close(h)
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR2))
	s.line(c, "two")
}

func openNobody(s *scene) {
	const beyond = 1<<22 + 1 // PID_MAX_LIMIT
	_, err := s.OpenPid(beyond)
	assert.ErrorIs(s, err, syscall.ESRCH)
	c := s.start("exit 0")
	s.reap(c)
	_, err = s.OpenPid(c.Pid)
	assert.ErrorIs(s, err, syscall.ESRCH)
}

func openNonsense(s *scene) {
	for _, pid := range []int{0, -1} {
		_, err := s.OpenPid(pid)
		assert.ErrorIs(s, err, syscall.EINVAL)
	}
}

func signalNonsense(s *scene) {
	c := s.ready("print ready; sleep forever")
	for _, sig := range []syscall.Signal{-1, 65} {
		assert.ErrorIs(s, s.Signal(c.Handle, sig), syscall.EINVAL)
		assert.ErrorIs(s, s.SignalGroup(c.Handle, sig), syscall.EINVAL)
	}
	s.alive(c)
}

func signalZero(s *scene) {
	c := s.ready("print ready; sleep forever")
	assert.NoError(s, s.Signal(c.Handle, 0))
	assert.NoError(s, s.SignalGroup(c.Handle, 0))
	s.alive(c)
	s.Send(c.Pid, syscall.SIGKILL)
	s.reap(c)
	assert.ErrorIs(s, s.Signal(c.Handle, 0), syscall.ESRCH)
}

func handleStaysBound(s *scene) {
	c := s.start("exit 0")
	h, err := s.OpenPid(c.Pid)
	require.NoError(s, err)
	s.reap(c)
	s.ready("print ready; sleep forever") // it may get the number
	for _, bound := range []sys.Handle{c.Handle, h} {
		assert.ErrorIs(s, s.Signal(bound, syscall.SIGKILL), syscall.ESRCH)
	}
	s.Close(h)
}

func signalInItsHandler(s *scene) {
	c := s.ready("on USR1 {print begin; sleep 50ms; print end}; on TERM {exit 4}; print ready; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.line(c, "begin")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.await("two runs", func() bool { return strings.Count(c.out.Text(), "end") == 2 }, func() any { return c.out.Text() })
	s.alive(c)
	assert.Equal(s, "ready begin end begin end", strings.Join(strings.Fields(c.out.Text()), " "))
}
