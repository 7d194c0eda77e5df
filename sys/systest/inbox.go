package systest

import (
	"syscall"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/sys"
)

var inboxCases = []testcase{
	{"no signal came", noSignalCame},
	{"signals come in their order", signalsInOrder},
	{"signals of one kind may merge, but not vanish", signalsMerge},
	{"the end of a child is no signal", childIsNoSignal},
}

func noSignalCame(s *scene) { assert.Empty(s, s.Signals()) }

func signalsInOrder(s *scene) {
	want := []syscall.Signal{syscall.SIGUSR2, syscall.SIGHUP, syscall.SIGUSR1}
	for _, sig := range want {
		s.SignalSelf(sig)
		s.waitFor(sys.WokeSignal) // the kernel orders pending ones by number
	}
	assert.Equal(s, want, s.Signals())
	assert.Empty(s, s.Signals(), "they were drained before")
}

func signalsMerge(s *scene) {
	for range 10 {
		s.SignalSelf(syscall.SIGUSR1)
	}
	var came []syscall.Signal
	s.await("SIGUSR1", func() bool { came = append(came, s.Signals()...); return len(came) > 0 })
	s.pass(aMoment)
	came = append(came, s.Signals()...)
	assert.LessOrEqual(s, len(came), 10)
	for _, sig := range came {
		assert.Equal(s, syscall.SIGUSR1, sig)
	}
}

func childIsNoSignal(s *scene) {
	s.end(s.start("exit 0"))
	s.pass(aMoment)
	assert.Empty(s, s.Signals())
}
