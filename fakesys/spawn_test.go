package fakesys_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

func TestProgramIsSearchedInPATHOfRequest(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	m.AddFile("/a/tool", fakesys.NotExecutable)
	m.AddProgram("/b/tool", "exit 2")
	m.AddProgram("/srv/dir/mine", "exit 3")
	m.AddProgram("/usr/bin/usual", "exit 4")
	m.AddDir("/b/directory")
	for _, c := range []struct {
		path, dir string
		env       []string
		want      sys.Status
		fails     *sys.SpawnError
	}{
		{path: "tool", env: []string{"PATH=/a:/b"}, want: sys.Status{Code: 2}},
		{path: "tool", env: []string{"PATH=/a"}, fails: &sys.SpawnError{Step: sys.StepLookup, Path: "tool", Err: syscall.EACCES, Hint: "it is in PATH, but not executable"}},
		{path: "tool", env: []string{"PATH=/c"}, fails: &sys.SpawnError{Step: sys.StepLookup, Path: "tool", Err: syscall.ENOENT, Hint: "it is not in PATH"}},
		{path: "directory", env: []string{"PATH=/b"}, fails: &sys.SpawnError{Step: sys.StepLookup, Path: "directory", Err: syscall.ENOENT, Hint: "it is not in PATH"}},
		{path: "usual", want: sys.Status{Code: 4}},
		{path: "./mine", dir: "/srv/dir", want: sys.Status{Code: 3}},
		{path: "mine", dir: "/srv/dir", env: []string{"PATH=:/b"}, want: sys.Status{Code: 3}},
		{path: "/b/tool", dir: "/nowhere", fails: &sys.SpawnError{Step: sys.StepChdir, Path: "/nowhere", Err: syscall.ENOENT}},
		{path: "/b/tool", dir: "/b/tool", fails: &sys.SpawnError{Step: sys.StepChdir, Path: "/b/tool", Err: syscall.ENOTDIR}},
		{path: "/b/tool/below", fails: &sys.SpawnError{Step: sys.StepExec, Path: "/b/tool/below", Err: syscall.ENOTDIR}},
	} {
		m.last++
		r := m.result(sys.SpawnRequest{ID: m.last, Path: c.path, Dir: c.dir, Env: c.env})
		if c.fails != nil {
			assert.Equal(t, error(c.fails), r.Err)
			continue
		}
		require.NoError(t, r.Err, "%+v", c)
		assert.Equal(t, c.want, m.end(r.Child), "%+v", c)
		m.Close(r.Child.Handle)
	}
	assert.Len(t, m.Processes(), 2, "a failed start leaves nothing")
	assert.Zero(t, m.Descriptors())
}

func TestHungExec(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	m.AddFile("/mnt/slow", fakesys.Hanging)
	hang := func() sys.SpawnRequest { r := m.request(""); r.Path = "/mnt/slow"; return r }
	first, second := hang(), hang()
	m.Spawn(first)
	m.Spawn(second)
	m.end(m.start("exit 0"))
	m.pass(time.Hour)
	require.Empty(t, m.Spawned())
	m.Abort(first.ID)
	m.pass(time.Second)
	results := m.Spawned()
	require.Len(t, results, 1)
	assert.Equal(t, first.ID, results[0].ID)
	assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, m.end(results[0].Child))
	m.Thaw("/mnt/slow")
	m.pass(time.Second)
	results = m.Spawned()
	require.Len(t, results, 1)
	assert.Equal(t, sys.Status{}, m.end(results[0].Child))
}

func TestSpawnFailsWhenMachineIsFull(t *testing.T) {
	for _, c := range []struct {
		o     fakesys.Options
		step  sys.Step
		errno syscall.Errno
	}{
		{fakesys.Options{PidMax: 11}, sys.StepFork, syscall.EAGAIN},
		{fakesys.Options{MaxProcs: 3}, sys.StepFork, syscall.EAGAIN},
		{fakesys.Options{MaxFiles: 4}, sys.StepPrepare, syscall.EMFILE},
	} {
		m := newMachine(t, c.o)
		var err *sys.SpawnError
		for err == nil {
			req := m.request("sleep forever")
			req.Stdout = endless()
			if r := m.result(req); r.Err != nil {
				require.ErrorAs(t, r.Err, &err)
				assert.Equal(t, 1, req.Stdout.(*sink).closed)
			}
			require.Less(t, m.last, sys.SpawnID(20))
		}
		assert.Equal(t, c.step, err.Step)
		assert.Equal(t, c.errno, err.Err)
	}
}

// A child that ended before its result was drained is told by Exited only after.
func TestExitComesAfterSpawnResult(t *testing.T) {
	early := 0
	for seed := range uint64(50) {
		m := newMachine(t, fakesys.Options{Choices: fakesys.FromSeed(seed)})
		m.Spawn(m.request("exit 3"))
		for m.Wait(sys.Never)&sys.WokeSpawn == 0 {
			assert.Empty(t, m.Exited(), "seed %d", seed)
		}
		assert.Empty(t, m.Exited(), "seed %d", seed)
		c := m.Spawned()[0].Child
		if m.state(c.Pid) == 'Z' {
			early++
			assert.Equal(t, []sys.Handle{c.Handle}, m.Exited())
		}
		assert.Equal(t, sys.Status{Code: 3}, m.end(c))
	}
	assert.Positive(t, early, "no seed made a child end before its result was seen")
}

func TestBrokenContractPanics(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("exit 0")
	m.end(c)
	assert.PanicsWithValue(t, "fakesys: spawn ID 1 is used a second time", func() { m.Spawn(sys.SpawnRequest{ID: 1}) })
	assert.PanicsWithValue(t, "fakesys: abort of spawn ID 9, which was never given", func() { m.Abort(9) })
	assert.Panics(t, func() { _ = m.SignalGroup(c.Handle, syscall.SIGTERM) }, "its number may be another's")
	m.Close(c.Handle)
	assert.PanicsWithValue(t, "fakesys: close of handle 3, which is not open", func() { m.Close(c.Handle) })
	assert.PanicsWithValue(t, "fakesys: read-file of /dev/sda is not modelled", func() { _, _ = m.ReadFile("/dev/sda") })
	assert.PanicsWithValue(t, "fakesys: /proc/PID/wchan is not modelled", func() { _, _ = m.ReadFile("/proc/self/wchan") })
}
