package systest

import (
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var abortCases = []testcase{
	{"an aborted start still has one result", abortAtOnce},
	{"Abort does nothing to a start that is complete", abortTooLate},
	{"a start that hangs has no result, delays no other, and Abort ends it", abortHung},
	{"a start that hangs goes on when it can", hungGoesOn},
	{"CloseOutput does nothing to a start under way", closeOutputOfHung},
	{"a start that hangs is in gosv's process group, and leads its own once it runs", hungHasNoGroup},
	{"a signal before the exec waits for it, and ends the child with its default action", signalBeforeExec},
	{"the ID of a start under way cannot be used again", idIsUsedOnce},
}

func abortAtOnce(s *scene) {
	for range 10 {
		r := s.request("sleep forever")
		s.Spawn(r)
		s.Abort(r.ID)
		s.Abort(r.ID)
		s.diedOrFailed(r, true)
	}
}

// diedOrFailed accepts what an aborted start may come to. It may have been over
// before Abort was called, where that is possible.
func (s *scene) diedOrFailed(r sys.SpawnRequest, mayLive bool) {
	s.Helper()
	res := s.result(r.ID)
	if res.Err != nil {
		var e *sys.SpawnError
		assert.ErrorAs(s, res.Err, &e)
		return
	}
	c := s.child(r)
	if mayLive {
		_ = s.SignalGroup(c.Handle, syscall.SIGKILL)
	}
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
}

func abortTooLate(s *scene) {
	c := s.ready("print ready; sleep forever")
	s.Abort(c.id)
	s.alive(c)
}

// A child that is born into a frozen cgroup hangs before its exec.
func (s *scene) hang() (leaf string, r sys.SpawnRequest) {
	leaf = s.leaf()
	s.write(leaf+"/cgroup.freeze", "1")
	s.event(leaf, "frozen 1")
	r = s.request("print ready; sleep forever", func(r *sys.SpawnRequest) { r.Cgroup = leaf })
	s.Spawn(r)
	s.await("a birth", func() bool { return len(s.members(leaf)) > 0 })
	s.pass(aMoment)
	require.Empty(s, s.results, "a start into a frozen cgroup is over")
	return leaf, r
}

func abortHung(s *scene) {
	_, r := s.hang()
	s.ready("print ready; sleep forever")
	s.Abort(r.ID)
	s.diedOrFailed(r, false)
}

func hungGoesOn(s *scene) {
	leaf, r := s.hang()
	s.write(leaf+"/cgroup.freeze", "0")
	s.line(s.child(r), "ready")
}

func closeOutputOfHung(s *scene) {
	leaf, r := s.hang()
	s.CloseOutput(r.ID)
	s.write(leaf+"/cgroup.freeze", "0")
	s.line(s.child(r), "ready")
}

func idIsUsedOnce(s *scene) {
	_, r := s.hang()
	assert.Panics(s, func() { s.Spawn(r) })
	s.Abort(r.ID)
}

// hungHasNoGroup: the child makes its group itself, as its first act, so that the
// EACCES of a setpgid(2) after execve(2) cannot be met through package sys.
func hungHasNoGroup(s *scene) {
	leaf, r := s.hang()
	born := s.members(leaf)
	assert.Len(s, born, 1)
	assert.Equal(s, s.stat(s.Kernel.Pid()).Group, s.stat(born[0]).Group)
	s.write(leaf+"/cgroup.freeze", "0")
	c := s.child(r)
	assert.Equal(s, born[0], c.Pid)
	assert.Equal(s, c.Pid, s.stat(c.Pid).Group)
}

func signalBeforeExec(s *scene) {
	leaf, r := s.hang()
	born := s.members(leaf)[0]
	assert.Contains(s, s.proc(born, "status"), "\nSigBlk:\tfffffffffffbfeff\n", "all but KILL and STOP")
	s.Send(born, syscall.SIGTERM)
	s.pass(aMoment)
	require.Empty(s, s.results, "a blocked signal ended the child")
	s.write(leaf+"/cgroup.freeze", "0")
	assert.Equal(s, sys.Status{Signal: syscall.SIGTERM}, s.reap(s.child(r)))
}
