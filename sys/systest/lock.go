package systest

import (
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var lockCases = []testcase{
	{"a directory is locked once: EWOULDBLOCK", lockedOnce},
	{"a released lock can be taken again", lockedAgain},
	{"only directories that exist are locked: ENOENT, ENOTDIR", lockWhatIs},
	{"a locked directory can be removed, and its name is free for another", lockedAndRemoved},
	{"no child inherits a lock", lockIsNotInherited},
	{"LockOwner returns the PID while the lock is held, 0 before and after", lockerIsKnown},
	{"LockOwner of a removed directory: ENOENT", lockerOfNothing},
}

func lockedOnce(s *scene) {
	dir := s.leaf()
	require.NoError(s, s.Lock(dir))
	defer s.Unlock(dir)
	assert.ErrorIs(s, s.Lock(dir), syscall.EWOULDBLOCK)
	require.NoError(s, s.Mkdir(dir+"/below"))
	require.NoError(s, s.Lock(dir+"/below"), "each directory has a lock of its own")
	s.Unlock(dir + "/below")
}

func lockedAgain(s *scene) {
	dir := s.leaf()
	for range 2 {
		require.NoError(s, s.Lock(dir))
		s.Unlock(dir)
	}
}

func lockWhatIs(s *scene) {
	dir := s.Cgroup(s.T)
	assert.ErrorIs(s, s.Lock(dir+"/missing"), syscall.ENOENT)
	assert.ErrorIs(s, s.Lock(dir+"/cgroup.procs"), syscall.ENOTDIR)
}

func lockedAndRemoved(s *scene) {
	dir := s.leaf()
	require.NoError(s, s.Lock(dir))
	require.NoError(s, s.Rmdir(dir))
	assert.ErrorIs(s, s.Rmdir(dir), syscall.ENOENT)
	s.Unlock(dir)
	require.NoError(s, s.Mkdir(dir))
	require.NoError(s, s.Lock(dir), "it is another directory")
	s.Unlock(dir)
}

func lockIsNotInherited(s *scene) {
	dir := s.leaf()
	require.NoError(s, s.Lock(dir))
	c := s.ready("print ready; sleep forever")
	s.Unlock(dir)
	require.NoError(s, s.Lock(dir), "the child does not hold it")
	s.Unlock(dir)
	s.alive(c)
}

func lockerIsKnown(s *scene) {
	dir := s.leaf()
	other := dir + "/other"
	require.NoError(s, s.Mkdir(other))
	requireLocker(s, 0, dir)
	require.NoError(s, s.Lock(dir))
	requireLocker(s, s.Pid(), dir)
	requireLocker(s, 0, other)
	require.ErrorIs(s, s.Lock(dir), syscall.EWOULDBLOCK)
	requireLocker(s, s.Pid(), dir)
	s.Unlock(dir)
	requireLocker(s, 0, dir)
}

func requireLocker(s *scene, want int, dir string) {
	pid, err := s.LockOwner(dir)
	require.NoError(s, err)
	require.Equal(s, want, pid, dir)
}

func lockerOfNothing(s *scene) {
	dir := s.leaf()
	require.NoError(s, s.Lock(dir))
	require.NoError(s, s.Rmdir(dir))
	_, err := s.LockOwner(dir)
	assert.ErrorIs(s, err, syscall.ENOENT)
	s.Unlock(dir)
}
