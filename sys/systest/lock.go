package systest

import (
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var lockCases = []testcase{
	{"a folder is locked once: EWOULDBLOCK", lockedOnce},
	{"a lock that was given up can be had again", lockedAgain},
	{"only folders that exist are locked: ENOENT, ENOTDIR", lockWhatIs},
	{"a locked folder can be removed, and its name is free for another", lockedAndRemoved},
	{"no child inherits a lock", lockIsNotInherited},
	{"who took a lock is known while it is held: 0 before and after", lockerIsKnown},
	{"the locker of a folder that is gone is nobody's: ENOENT", lockerOfNothing},
}

func lockedOnce(s *scene) {
	folder := s.leaf()
	require.NoError(s, s.Lock(folder))
	defer s.Unlock(folder)
	assert.ErrorIs(s, s.Lock(folder), syscall.EWOULDBLOCK)
	require.NoError(s, s.Mkdir(folder+"/below"))
	require.NoError(s, s.Lock(folder+"/below"), "each folder has a lock of its own")
	s.Unlock(folder + "/below")
}

func lockedAgain(s *scene) {
	folder := s.leaf()
	for range 2 {
		require.NoError(s, s.Lock(folder))
		s.Unlock(folder)
	}
}

func lockWhatIs(s *scene) {
	folder := s.Cgroup(s.T)
	assert.ErrorIs(s, s.Lock(folder+"/missing"), syscall.ENOENT)
	assert.ErrorIs(s, s.Lock(folder+"/cgroup.procs"), syscall.ENOTDIR)
}

func lockedAndRemoved(s *scene) {
	folder := s.leaf()
	require.NoError(s, s.Lock(folder))
	require.NoError(s, s.Rmdir(folder))
	assert.ErrorIs(s, s.Rmdir(folder), syscall.ENOENT)
	s.Unlock(folder)
	require.NoError(s, s.Mkdir(folder))
	require.NoError(s, s.Lock(folder), "it is another folder")
	s.Unlock(folder)
}

func lockIsNotInherited(s *scene) {
	folder := s.leaf()
	require.NoError(s, s.Lock(folder))
	c := s.ready("print ready; sleep forever")
	s.Unlock(folder)
	require.NoError(s, s.Lock(folder), "the child does not hold it")
	s.Unlock(folder)
	s.alive(c)
}

func lockerIsKnown(s *scene) {
	folder := s.leaf()
	other := folder + "/other"
	require.NoError(s, s.Mkdir(other))
	requireLocker(s, 0, folder)
	require.NoError(s, s.Lock(folder))
	requireLocker(s, s.Pid(), folder)
	requireLocker(s, 0, other)
	require.ErrorIs(s, s.Lock(folder), syscall.EWOULDBLOCK)
	requireLocker(s, s.Pid(), folder)
	s.Unlock(folder)
	requireLocker(s, 0, folder)
}

func requireLocker(s *scene, want int, folder string) {
	pid, err := s.Locker(folder)
	require.NoError(s, err)
	require.Equal(s, want, pid, folder)
}

func lockerOfNothing(s *scene) {
	folder := s.leaf()
	require.NoError(s, s.Lock(folder))
	require.NoError(s, s.Rmdir(folder))
	_, err := s.Locker(folder)
	assert.ErrorIs(s, err, syscall.ENOENT)
	s.Unlock(folder)
}
