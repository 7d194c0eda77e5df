package sim_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// job is gosv --run on a terminal, which a user sits at.
type job struct {
	*fakesys.Kernel
	changed
	supervisor *supervisor.Supervisor
}

// changed keeps what becomes of the service.
type changed struct {
	noticing
	lives  []lifecycle.Phase
	births []int // process numbers
}

func (c *changed) Changed(ch supervisor.Change) {
	c.lives = append(c.lives, ch.State.Phase)
	if ch.State.Phase == lifecycle.Running {
		c.births = append(c.births, ch.Pid)
	}
}

const second = time.Second

func newJob(script string, machine fakesys.Options) *job {
	machine.Terminal = true
	j := &job{Kernel: fakesys.New(machine)}
	j.AddProgram("/bin/job", script)
	svc := config.NewService("job", "/bin/job")
	svc.Restart, svc.MaxRestarts = config.RestartOnFailure, 1
	j.supervisor = supervisor.New(supervisor.Options{Kernel: j.Kernel, Services: []config.Service{svc}, Observer: &j.changed, Attached: true})
	return j
}

// at has the user do something.
func (j *job) at(when time.Duration, do func()) { j.At(when, "user", do) }

func (j *job) types(when time.Duration, key syscall.Signal) {
	j.at(when, func() { j.TypeKey(key) })
}

// child is the process that runs now.
func (j *job) child() int { return j.births[len(j.births)-1] }

// hold is who has the terminal, and whether gosv and its child are stopped.
func (j *job) hold() string {
	who := "the shell"
	switch j.TerminalGroup() {
	case j.Pid():
		who = "gosv"
	case j.child():
		who = "the child"
	}
	for _, p := range []struct {
		name string
		pid  int
	}{{"gosv", j.Pid()}, {"the child", j.child()}} {
		if process, there := j.Process(p.pid); there && process.State == 'T' {
			who += ", " + p.name + " is stopped"
		}
	}
	return who
}

// look has the terminal looked at.
func (j *job) look(t *testing.T, when time.Duration, want string) {
	j.at(when, func() { assert.Equal(t, want, j.hold(), "at %v", when) })
}

const shell = 0

// asks has the command read the terminal, from the background: the kernel stops it.
func (j *job) asks(when time.Duration) {
	j.at(when, func() { j.signals(syscall.SIGTTIN) })
}

func TestACommandThatReadsTheTerminalGetsItWithSaneModes(t *testing.T) {
	j := newJob("sleep 2s; exit 3", fakesys.Options{})
	sane := j.TerminalModes()
	j.look(t, second/2, "gosv")
	j.asks(second)
	j.at(second+second/2, func() { j.SetTerminalModes(syscall.Termios{}) })
	j.look(t, second+second/2, "the child")
	j.look(t, 2*second+second/2, "gosv")
	j.at(2*second+second/2, func() { assert.Equal(t, sane, j.TerminalModes()) })
	j.look(t, 4*second, "gosv")
	j.asks(4 * second)
	j.look(t, 4*second+second/2, "the child")
	r := j.supervisor.Run()
	assert.Equal(t, lifecycle.Outcome{Cause: lifecycle.ByExit, Code: 3}, r.Last)
	assert.Equal(t, []string{"job"}, r.Failed)
	assert.Equal(t, "gosv", j.hold())
	assert.Zero(t, r.Key)
}

func TestKeysThatEndTheChildEndGosv(t *testing.T) {
	for _, key := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		for _, asks := range []bool{false, true} {
			j := newJob("sleep forever", fakesys.Options{})
			if asks {
				j.asks(second)
			}
			j.types(2*second, key)
			r := j.supervisor.Run()
			assert.Equal(t, key, r.Last.Signal)
			assert.Equal(t, key, r.Key)
			assert.True(t, r.Last.Final)
			assert.Len(t, j.births, 1, "it is not started again")
			assert.Equal(t, 2*second, j.Now())
			assert.Equal(t, "gosv", j.hold())
		}
	}
}

func TestCommandThatTidiesUpAfterAKeyIsNotRestarted(t *testing.T) {
	j := newJob("on INT {sleep 50s; exit 1}; sleep forever", fakesys.Options{})
	j.types(2*second, syscall.SIGINT)
	r := j.supervisor.Run()
	assert.Len(t, j.births, 1)
	assert.Equal(t, 1, r.Last.Code)
	assert.Zero(t, r.Key, "it was not the key that ended it")
}

func TestCommandThatFailsLongAfterAKeyIsRestarted(t *testing.T) {
	j := newJob("on INT {}; sleep forever", fakesys.Options{})
	j.types(2*second, syscall.SIGINT)
	j.at(62*second, func() { j.signals(syscall.SIGTERM) })
	j.at(70*second, func() { j.SignalSelf(syscall.SIGTERM) })
	j.supervisor.Run()
	assert.Len(t, j.births, 2)
}

func TestKeyBetweenTwoRunsEndsGosv(t *testing.T) {
	j := newJob("exit 3", fakesys.Options{})
	j.types(second/2, syscall.SIGINT)
	r := j.supervisor.Run()
	assert.Equal(t, syscall.SIGINT, r.Key)
	assert.Len(t, j.births, 1)
}

// Without a shell a job cannot be stopped: Ctrl-Z has no effect, and a command that needs
// a terminal that gosv does not have stays stopped.
func TestJobWithoutAShell(t *testing.T) {
	j := newJob("sleep forever", fakesys.Options{NoShell: true})
	j.types(2*second, syscall.SIGTSTP)
	j.look(t, 3*second, "gosv")
	j.at(4*second, func() { j.gives(shell, false) })
	j.asks(5 * second)
	j.look(t, 6*second, "the shell, the child is stopped")
	j.at(7*second, func() { j.SignalSelf(syscall.SIGTERM) })
	assert.True(t, j.supervisor.Run().Shutdown)
	assert.Len(t, j.complaints(), 1)
}

func TestHangUpOfTheTerminalEndsServices(t *testing.T) {
	for _, gone := range []bool{true, false} {
		k := fakesys.New(fakesys.Options{Terminal: true})
		k.AddProgram("/bin/web", "sleep forever")
		k.At(second, "user", func() {
			if gone {
				k.HangUp()
			}
			k.SignalSelf(syscall.SIGHUP)
		})
		k.At(2*second, "user", func() { k.SignalSelf(syscall.SIGTERM) })
		r := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/bin/web")}}).Run()
		assert.Equal(t, map[bool]syscall.Signal{true: syscall.SIGHUP, false: syscall.SIGTERM}[gone], r.Signal)
	}
}

// What ends a child otherwise is a failure, on a terminal too.
func TestOnlyKeysEndTheChildForGood(t *testing.T) {
	j := newJob("sleep forever", fakesys.Options{})
	j.at(2*second, func() { j.signals(syscall.SIGTERM) })
	j.at(5*second, func() { j.SignalSelf(syscall.SIGTERM) })
	j.supervisor.Run()
	assert.Len(t, j.births, 2)
}

// signals has somebody else send a signal to the child.
func (j *job) signals(sig syscall.Signal) { _ = j.Kill(j.child(), sig) }

// gives does what a shell does: it takes the terminal, or gives it to gosv, and
// continues the job or lets it be.
func (j *job) gives(terminal int, resume bool) {
	j.GiveTerminal(terminal)
	if resume {
		j.SignalSelf(syscall.SIGCONT)
	}
}

func TestAStoppedJobIsContinuedInTheForeground(t *testing.T) {
	j := newJob("sleep forever", fakesys.Options{})
	j.asks(second)
	j.types(2*second, syscall.SIGTSTP)
	j.look(t, 3*second, "gosv, gosv is stopped, the child is stopped")
	j.at(4*second, func() { j.gives(j.Pid(), true) })
	j.look(t, 5*second, "the child")
	j.types(6*second, syscall.SIGINT)
	assert.Equal(t, syscall.SIGINT, j.supervisor.Run().Last.Signal)
	assert.Len(t, j.births, 1)
	assert.Empty(t, j.complaints())
}

func TestAStoppedJobIsContinuedInTheBackground(t *testing.T) {
	j := newJob("sleep forever", fakesys.Options{})
	j.types(2*second, syscall.SIGTSTP)
	j.at(4*second, func() { j.gives(shell, true) })
	j.look(t, 5*second, "the shell")
	j.at(6*second, func() { j.signals(syscall.SIGINT) })
	j.look(t, 8*second, "the shell")
	j.at(9*second, func() { j.SignalSelf(syscall.SIGINT) })
	assert.True(t, j.supervisor.Run().Shutdown)
	assert.Len(t, j.births, 2, "INT from elsewhere is a failure")
	assert.Equal(t, "the shell", j.hold(), "gosv takes nothing that it did not lend")
}

// A job in the background stops when its command wants the terminal.
func TestAJobInTheBackgroundThatReadsStops(t *testing.T) {
	for _, wants := range []syscall.Signal{syscall.SIGTTIN, syscall.SIGTTOU} {
		j := newJob("sleep forever", fakesys.Options{})
		j.types(2*second, syscall.SIGTSTP)
		j.at(3*second, func() { j.gives(shell, true) })
		j.at(4*second, func() { j.signals(wants) })
		j.look(t, 5*second, "the shell, gosv is stopped, the child is stopped")
		j.at(6*second, func() { j.gives(j.Pid(), true) })
		j.look(t, 7*second, "the child")
		j.types(8*second, syscall.SIGINT)
		assert.Equal(t, syscall.SIGINT, j.supervisor.Run().Last.Signal)
	}
}

// A shell that brings a running job to the foreground does not tell it: the child
// learns it as soon as it wants the terminal, and gosv by the first key.
func TestAJobThatIsBroughtToTheForegroundWhileItRuns(t *testing.T) {
	for _, wants := range []syscall.Signal{syscall.SIGTTIN, syscall.SIGTTOU} {
		j := newJob("sleep forever", fakesys.Options{})
		j.types(2*second, syscall.SIGTSTP)
		j.at(3*second, func() { j.gives(shell, true) })
		j.at(4*second, func() { j.gives(j.Pid(), false) })
		j.at(5*second, func() { j.signals(wants) })
		j.look(t, 6*second, "the child")
		j.types(7*second, syscall.SIGINT)
		assert.Equal(t, syscall.SIGINT, j.supervisor.Run().Last.Signal)
	}
	j := newJob("on INT {}; sleep forever", fakesys.Options{})
	j.asks(second)
	j.types(2*second, syscall.SIGTSTP)
	j.at(3*second, func() { j.gives(shell, true) })
	j.at(4*second, func() { j.gives(j.Pid(), false) })
	j.types(5*second, syscall.SIGINT)
	j.at(5*second+50*time.Millisecond, func() { j.SignalSelf(syscall.SIGINT) }) // a key that was on its way
	j.look(t, 6*second, "the child")
	j.at(7*second, func() { j.SignalSelf(syscall.SIGINT) })
	r := j.supervisor.Run()
	assert.Equal(t, syscall.SIGINT, r.Signal)
	assert.Equal(t, []lifecycle.Phase{lifecycle.Starting, lifecycle.Running, lifecycle.Stopping, lifecycle.Stopped}, j.lives)
	assert.GreaterOrEqual(t, j.Now(), 7*second, "the keys were the child's")
}

// At its end gosv takes back what it lent, and not what somebody else has taken.
func TestGosvEndsWithTheTerminalThatItHad(t *testing.T) {
	for holder, takes := range map[string]func(*job){
		"gosv":      func(*job) {},
		"the shell": func(j *job) { j.GiveTerminal(shell) },
	} {
		j := newJob("on INT {}; on TERM {sleep 1s; exit 0}; sleep forever", fakesys.Options{})
		j.asks(second)
		j.at(2*second, func() { takes(j) })
		j.at(3*second, func() { j.SignalSelf(syscall.SIGINT) })
		j.at(4*second, func() { j.SignalSelf(syscall.SIGTERM) })
		assert.True(t, j.supervisor.Run().Shutdown)
		assert.Equal(t, holder, j.hold())
		assert.Empty(t, j.complaints())
	}
}

// Who stops a child by SIGSTOP means just that child, and without a terminal there
// is no job.
func TestAStopThatIsNoJobs(t *testing.T) {
	j := newJob("sleep forever", fakesys.Options{})
	j.asks(second)
	j.at(2*second, func() { j.signals(syscall.SIGSTOP) })
	j.look(t, 3*second, "the child, the child is stopped")
	j.at(4*second, func() { j.signals(syscall.SIGCONT) })
	j.at(5*second, j.HangUp)
	j.at(6*second, func() { j.signals(syscall.SIGTSTP) })
	j.at(7*second, func() {
		gosv, _ := j.Process(j.Pid())
		assert.NotEqual(t, byte('T'), gosv.State)
		j.SignalSelf(syscall.SIGTERM)
	})
	assert.True(t, j.supervisor.Run().Shutdown)
	assert.Empty(t, j.complaints(), "a terminal that was hung up is nobody's fault")
}

// Whoever brings a job to the foreground without telling it may type at once: a key
// that comes in the first second after the terminal was lent may have been
// on its way to gosv, a later one is meant for gosv.
func TestAKeyThatWasOnItsWayIsTheChilds(t *testing.T) {
	for lag, ends := range map[time.Duration]bool{0: false, second - 1: false, second: true} {
		j := newJob("on INT {}; sleep forever", fakesys.Options{})
		j.asks(second)
		j.types(2*second, syscall.SIGTSTP)
		j.at(3*second, func() { j.gives(j.Pid(), true) })
		j.at(3*second+lag, func() { j.SignalSelf(syscall.SIGINT) })
		j.at(10*second, func() { j.SignalSelf(syscall.SIGTERM) })
		assert.Equal(t, ends, j.supervisor.Run().Signal == syscall.SIGINT, "%v", lag)
	}
}
