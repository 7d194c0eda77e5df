package systest

import (
	"fmt"
	"io/fs"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var fileCases = []testcase{
	{"a path that does not exist: ENOENT", filesMissing},
	{"WriteFile makes no file", writeMakesNothing},
	{"a directory is made once and removed once", dirsOnce},
	{"a directory with a directory in it is not removed: EBUSY", parentIsBusy},
	{"a directory is no file and a file no directory", dirIsNoFile},
	{"ReadDir gives sorted names", readDirSorts},
	{"Readlink of what is no link: EINVAL", readlinkOfFile},
}

func filesMissing(s *scene) {
	name := s.Cgroup(s.T) + "/missing"
	_, err := s.ReadFile(name + "/cgroup.procs")
	assert.ErrorIs(s, err, syscall.ENOENT)
	assert.ErrorIs(s, err, fs.ErrNotExist)
	_, err = s.ReadDir(name)
	assert.ErrorIs(s, err, syscall.ENOENT)
	_, err = s.Readlink(name)
	assert.ErrorIs(s, err, syscall.ENOENT)
	assert.ErrorIs(s, s.WriteFile(name+"/cgroup.procs", []byte("1")), syscall.ENOENT)
	assert.ErrorIs(s, s.Rmdir(name), syscall.ENOENT)
	assert.ErrorIs(s, s.Mkdir(name+"/below"), syscall.ENOENT)
	_, err = s.Watch(name + "/cgroup.events")
	assert.ErrorIs(s, err, syscall.ENOENT)
}

func writeMakesNothing(s *scene) {
	dir := s.Cgroup(s.T)
	assert.ErrorIs(s, s.WriteFile(dir+"/gosv.systest", []byte("x")), syscall.ENOENT)
	entries, err := s.ReadDir(dir)
	require.NoError(s, err)
	assert.NotContains(s, sys.EntryNames(entries), "gosv.systest")
}

func dirsOnce(s *scene) {
	name := s.Cgroup(s.T) + "/leaf"
	require.NoError(s, s.Mkdir(name))
	err := s.Mkdir(name)
	assert.ErrorIs(s, err, syscall.EEXIST)
	assert.ErrorIs(s, err, fs.ErrExist)
	require.NoError(s, s.Rmdir(name))
	assert.ErrorIs(s, s.Rmdir(name), syscall.ENOENT)
	require.NoError(s, s.Mkdir(name), "a name is free again")
}

func parentIsBusy(s *scene) {
	name := s.Cgroup(s.T) + "/parent"
	require.NoError(s, s.Mkdir(name))
	require.NoError(s, s.Mkdir(name+"/child"))
	assert.ErrorIs(s, s.Rmdir(name), syscall.EBUSY)
	require.NoError(s, s.Rmdir(name+"/child"))
	assert.NoError(s, s.Rmdir(name))
}

func dirIsNoFile(s *scene) {
	dir := s.Cgroup(s.T)
	_, err := s.ReadFile(dir)
	assert.ErrorIs(s, err, syscall.EISDIR)
	_, err = s.ReadDir(dir + "/cgroup.procs")
	assert.ErrorIs(s, err, syscall.ENOTDIR)
	_, err = s.ReadFile(dir + "/cgroup.procs/below")
	assert.ErrorIs(s, err, syscall.ENOTDIR)
	assert.ErrorIs(s, s.Rmdir(dir+"/cgroup.procs"), syscall.ENOTDIR)
	assert.ErrorIs(s, s.Mkdir(dir+"/cgroup.procs"), syscall.EEXIST)
}

func readDirSorts(s *scene) {
	dir := s.Cgroup(s.T)
	for _, name := range []string{"b", "a", "zz", "z"} {
		require.NoError(s, s.Mkdir(dir+"/"+name))
	}
	entries, err := s.ReadDir(dir)
	require.NoError(s, err)
	assert.IsIncreasing(s, sys.EntryNames(entries))
	assert.Subset(s, entries, []sys.DirEntry{{Name: "a", Dir: true}, {Name: "b", Dir: true}, {Name: "z", Dir: true}, {Name: "zz", Dir: true},
		{Name: "cgroup.procs"}, {Name: "cgroup.events"}, {Name: "cgroup.kill"}, {Name: "cgroup.freeze"}})
}

func readlinkOfFile(s *scene) {
	_, err := s.Readlink(fmt.Sprintf("/proc/%d/stat", s.Pid()))
	assert.ErrorIs(s, err, syscall.EINVAL)
}
