package systest

import (
	"strings"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var outputCases = []testcase{
	{"stdout and stderr come to their own sinks, and the last line without newline", outputIsSorted},
	{"what a child wrote before it ended is not lost", outputOfTheDead},
	{"a long output is complete", outputIsComplete},
	{"one sink for both outputs is one pipe, which keeps their order", oneSinkForBoth},
	{"one sink for both outputs of a start that fails is closed once", oneSinkOfFailedStart},
	{"a full sink holds up its own stream only, and goes on when it has room", fullSink},
	{"the exit of a child does not wait for a full sink", exitBesideFullSink},
	{"a grandchild keeps the capture open until CloseOutput", closeOutput},
	{"CloseOutput may come twice and after the end", closeOutputTwice},
}

// closes waits until a sink is closed, and requires that it is so once.
func (s *scene) closes(l *Lines) {
	s.Helper()
	s.await("the end of a stream", func() bool { times, _ := l.Ended(); return times > 0 }, func() any { return l.Text() })
	s.pass(aMoment)
	times, wrong := l.Ended()
	assert.Equal(s, 1, times, "Close was called %d times", times)
	assert.Empty(s, wrong)
}

func outputIsSorted(s *scene) {
	c := s.start("print one; warn two; print three; write last; exit 0")
	s.closes(c.out)
	s.closes(c.err)
	assert.Equal(s, "one\nthree\nlast", c.out.Text())
	assert.Equal(s, "two\n", c.err.Text())
}

func outputOfTheDead(s *scene) {
	for range 10 {
		c := s.start("print one; print two; die KILL")
		s.reap(c)
		s.closes(c.out)
		assert.Equal(s, "one\ntwo\n", c.out.Text())
	}
}

func outputIsComplete(s *scene) {
	c := s.start("flood 1000000; print end; exit 0")
	s.closes(c.out)
	assert.Equal(s, strings.Repeat("x", 1000000)+"end\n", c.out.Text())
}

func oneSinkForBoth(s *scene) {
	both := &Lines{}
	c := s.start("print 1; warn 2; print 3; warn 4; fork {print 5; warn 6}; wait; print 7; warn 8; exit 0",
		func(r *sys.SpawnRequest) { r.Stdout, r.Stderr = both, both })
	s.reap(c)
	s.closes(both)
	assert.Equal(s, "1\n2\n3\n4\n5\n6\n7\n8\n", both.Text())
}

func oneSinkOfFailedStart(s *scene) {
	both := &Lines{}
	r := s.request("exit 0", func(r *sys.SpawnRequest) { r.Path, r.Stdout, r.Stderr = "/nowhere", both, both })
	s.Spawn(r)
	require.Error(s, s.result(r.ID).Err)
	s.closes(both)
}

func fullSink(s *scene) {
	const much = 300000
	tight := narrow(1000)
	c := s.start("fork {flood 300000}; warn alive; wait; print end; exit 0", func(r *sys.SpawnRequest) { r.Stdout = tight })
	s.await("a full sink", tight.isFull)
	s.await("the other stream", func() bool { return c.err.has("alive") })
	s.ready("print ready; sleep forever")
	assert.Len(s, tight.Text(), 1000)
	s.alive(c)
	tight.widen()
	s.closes(tight)
	assert.Equal(s, strings.Repeat("x", much)+"end\n", tight.Text())
}

func exitBesideFullSink(s *scene) {
	tight := narrow(1)
	c := s.start("print ready; exit 4", func(r *sys.SpawnRequest) { r.Stdout = tight })
	assert.Equal(s, sys.Status{Code: 4}, s.reap(c))
	s.await("a full sink", tight.isFull)
	tight.widen()
	s.closes(tight)
	assert.Equal(s, "ready\n", tight.Text())
}

func closeOutput(s *scene) {
	c := s.ready("fork {sleep forever}; print ready; write last; exit 0")
	s.end(c)
	s.pass(aMoment)
	times, _ := c.out.Ended()
	require.Zero(s, times, "the capture ended although a process holds the pipe")
	s.CloseOutput(c.id)
	s.closes(c.out)
	s.closes(c.err)
	assert.Equal(s, "ready\nlast", c.out.Text())
	assert.NoError(s, s.SignalGroup(c.Handle, syscall.SIGKILL))
}

func closeOutputTwice(s *scene) {
	c := s.start("print ready; exit 0")
	s.reap(c)
	s.closes(c.out)
	s.CloseOutput(c.id)
	s.CloseOutput(c.id)
	s.pass(aMoment)
	times, _ := c.out.Ended()
	assert.Equal(s, 1, times)
}
