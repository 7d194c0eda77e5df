package procfs

import (
	"io/fs"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/filestest"
)

func TestReadingAProcessThatVanishes(t *testing.T) {
	m := filestest.NewMap(map[string]string{"/proc/7/stat": ""})
	m.Fail["read /proc/7/maps"] = syscall.ESRCH
	m.Fail["read /proc/7/environ"] = syscall.EACCES

	_, err := ReadStat(m, 8)
	assert.ErrorIs(t, err, ErrGone)
	assert.ErrorIs(t, err, syscall.ENOENT)
	assert.ErrorContains(t, err, "cannot read /proc/8/stat: the process is gone")
	_, err = ReadMaps(m, 7)
	assert.ErrorIs(t, err, ErrGone, "ESRCH: it went between open and read")
	_, err = ReadDescriptors(m, 8)
	assert.ErrorIs(t, err, ErrGone)
	_, err = ReadEnviron(m, 7)
	assert.NotErrorIs(t, err, ErrGone)
	assert.ErrorIs(t, err, fs.ErrPermission)
	_, err = ReadStat(m, 7)
	assert.EqualError(t, err, "cannot understand /proc/7/stat: there is no name in parentheses")
}

func TestReadDescriptorsSortsAndPassesOverWhatWasClosed(t *testing.T) {
	m := filestest.NewMap(map[string]string{"/proc/7/fd/3": "listed, but closed before readlink"})
	m.Links["/proc/7/fd/10"] = "/tmp/a b (deleted)"
	m.Links["/proc/7/fd/2"] = "socket:[1234]"
	m.Links["/proc/7/fd/0"] = "/dev/null"
	got, err := ReadDescriptors(m, 7)
	require.NoError(t, err)
	assert.Equal(t, []Descriptor{{0, "/dev/null"}, {2, "socket:[1234]"}, {10, "/tmp/a b (deleted)"}}, got)

	m.Fail["readlink /proc/7/fd/2"] = syscall.EACCES
	_, err = ReadDescriptors(m, 7)
	assert.ErrorIs(t, err, fs.ErrPermission)
}

func TestReadMemory(t *testing.T) {
	m := filestest.NewMap(map[string]string{"/proc/7/status": statusOfCat, "/proc/7/smaps_rollup": rollupText,
		"/proc/8/status": "Name:\tz\nState:\tZ (zombie)\nPid:\t8\nThreads:\t1\n"})
	m.Fail["read /proc/8/smaps_rollup"] = syscall.ESRCH

	got, err := ReadMemory(m, 7)
	require.NoError(t, err)
	assert.Equal(t, 3, got.Threads)
	assert.EqualValues(t, 1660<<10, got.VM.RSS)
	assert.EqualValues(t, 375<<10, got.Exact.PSS)

	m.Fail["read /proc/7/smaps_rollup"] = syscall.EACCES
	got, err = ReadMemory(m, 7)
	require.NoError(t, err)
	assert.NotNil(t, got.VM)
	assert.Nil(t, got.Exact, "missing, not zero")

	got, err = ReadMemory(m, 8)
	require.NoError(t, err)
	assert.Equal(t, Memory{Threads: 1}, got, "a zombie")

	_, err = ReadMemory(m, 9)
	assert.ErrorIs(t, err, ErrGone)
}
