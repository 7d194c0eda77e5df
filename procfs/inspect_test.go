package procfs

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/filestest"
)

func inspectable() *filestest.Map {
	m := filestest.NewMap(map[string]string{"/proc/7/cmdline": "sleep\x009\x00", "/proc/7/cgroup": "0::/a\n",
		"/proc/7/status": statusOfCat, "/proc/7/smaps_rollup": rollupText, "/proc/7/maps": mapsText})
	m.Links["/proc/7/fd/0"] = "/dev/null"
	put(m, Stat{Pid: 7, State: 'S', Ppid: 1, StartTime: 70}, "")
	return m
}

func TestInspect(t *testing.T) {
	got, err := Inspect(inspectable(), 7, 70, Options{})
	require.NoError(t, err)
	assert.Equal(t, 7, got.Stat.Pid)
	assert.Equal(t, []string{"sleep", "9"}, got.Cmdline)
	assert.Equal(t, "/a", got.Cgroup)
	assert.EqualValues(t, 1660<<10, got.Memory.VM.RSS)
	assert.Equal(t, []Descriptor{{0, "/dev/null"}}, got.Descriptors)
	assert.Len(t, got.Mapped, 5)
	assert.Empty(t, got.Maps)
	assert.Empty(t, got.Missing)

	got, err = Inspect(inspectable(), 7, 70, Options{Maps: true})
	require.NoError(t, err)
	assert.Len(t, got.Maps, 6)
}

func TestInspectMarksWhatIsMissing(t *testing.T) {
	m := inspectable()
	m.Fail["readdir /proc/7/fd"] = syscall.EACCES
	m.Fail["read /proc/7/maps"] = syscall.EACCES
	got, err := Inspect(m, 7, 70, Options{Maps: true})
	require.NoError(t, err)
	require.Len(t, got.Missing, 2)
	assert.Equal(t, "descriptors", got.Missing[0].Part)
	assert.EqualError(t, got.Missing[1].Err, "cannot read /proc/7/maps: read /proc/7/maps: permission denied")
	assert.Empty(t, got.Mapped)
}

func TestInspectNeverShowsAnotherProcess(t *testing.T) {
	_, err := Inspect(inspectable(), 7, 69, Options{})
	assert.ErrorIs(t, err, ErrGone, "another one from the start")

	recycled := recycling{inspectable()}
	_, err = Inspect(recycled, 7, 70, Options{})
	assert.EqualError(t, err, "PID 7 belongs to another process now: the process is gone")

	gone := inspectable()
	delete(gone.Texts, "/proc/7/stat")
	_, err = Inspect(gone, 7, 70, Options{})
	assert.ErrorIs(t, err, ErrGone)
}

// recycling gives the number 7 to another process while its maps are read.
type recycling struct{ *filestest.Map }

func (r recycling) ReadFile(name string) ([]byte, error) {
	if name == "/proc/7/maps" {
		put(r.Map, Stat{Pid: 7, State: 'S', Ppid: 1, StartTime: 99}, "")
	}
	return r.Map.ReadFile(name)
}
