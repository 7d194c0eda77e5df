package tracesys_test

import (
	"bytes"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/tracesys"
)

// story is a small program that uses the roles of package sys.
func story(k sys.Kernel) {
	_ = k.BecomeSubreaper()
	_ = k.Mkdir("/sys/fs/cgroup/a")
	k.Spawn(sys.SpawnRequest{ID: 1, Path: fakesys.TestprocPath, Args: []string{"testproc", "sleep 1s; exit 3"},
		Env: []string{"PASSWORD=secret", "GOSV_INVOCATION=aaaa"}, Cgroup: "/sys/fs/cgroup/a"})
	k.Spawn(sys.SpawnRequest{ID: 2, Path: "/no/such program"})
	var handle sys.Handle
	for results := 0; results < 2; {
		k.Wait(sys.Never)
		for _, r := range k.Spawned() {
			handle = max(handle, r.Child.Handle)
			results++
		}
	}
	_, _ = k.ReadFile("/sys/fs/cgroup/a/cgroup.procs")
	k.Submit(func(k sys.JobKernel) any {
		_, _ = k.ReadFile("/proc/11/environ")
		_, _ = k.ReadFile("/proc/11/stat")
		return "done"
	})
	for len(k.Exited()) == 0 {
		k.Wait(sys.Never)
		k.Finished()
	}
	_, _, _ = k.Peek(handle)
	_, _, _ = k.Reap(handle)
	_ = k.Signal(handle, syscall.SIGTERM)
	k.Close(handle)
	_, _ = k.Orphans()
	_ = k.Rmdir("/sys/fs/cgroup/a")
	_, _ = k.ReadDir("/proc")
}

func record(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	k := tracesys.New(fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}}), &text)
	story(k)
	require.NoError(t, k.Flush())
	return text.String()
}

func TestARecordReadsAsWhatHappened(t *testing.T) {
	want := `gosv trace 1 self P1
# P1 is 10
0.000000 0 loop subreaper
0.000000 0 loop mkdir /sys/fs/cgroup/a
0.000000 0 loop spawn s1 /usr/bin/testproc invocation i1 cgroup /sys/fs/cgroup/a
0.000000 0 loop spawn s2 "/no/such program"
0.000000 500 loop wait never = spawn
# P2 is 11
0.000500 0 loop spawned = s1:P2:h1
0.000500 0 loop wait never = spawn
0.000500 0 loop spawned = s2:exec:ENOENT
0.000500 0 loop read-file /sys/fs/cgroup/a/cgroup.procs = P2
0.000500 0 loop submit j1
0.000500 0 loop exited
0.000500 0 j1 read-file /proc/P2/environ = i1
0.000500 0 j1 read-file /proc/P2/stat = S ppid P1 pgrp P2 session P1 start 10000 vm memory
0.000500 0 loop wait never = work
0.000500 0 loop finished = j1
0.000500 0 loop exited
0.000500 1000000 loop wait never = child
1.000500 0 loop finished
1.000500 0 loop exited = h1
1.000500 0 loop peek h1 = exit 3
1.000500 0 loop reap h1 = exit 3
1.000500 0 loop signal h1 TERM ! ESRCH
1.000500 0 loop close h1
1.000500 0 loop peek-orphan = none
1.000500 0 loop rmdir /sys/fs/cgroup/a
# P3 is 1
1.000500 0 loop read-dir /proc = +P3 +P1
`
	assert.Empty(t, cmp.Diff(want, record(t)))
}

func TestARecordHoldsNoSecrets(t *testing.T) {
	for _, secret := range []string{"secret", "PASSWORD", "sleep 1s", "aaaa"} {
		assert.NotContains(t, record(t), secret)
	}
}

// full takes a few bytes, as a disk that fills up.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, syscall.ENOSPC
	}
	return len(p), nil
}

func TestADiskThatIsFullEndsTheRecordAndNothingElse(t *testing.T) {
	k := tracesys.New(fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}}), &full{100})
	story(k)
	assert.ErrorIs(t, k.Flush(), syscall.ENOSPC)
}

func TestWhatIsRecordedIsOnDiskBeforeEachWait(t *testing.T) {
	var text bytes.Buffer
	k := tracesys.New(fakesys.New(fakesys.Options{}), &text)
	_ = k.BecomeSubreaper()
	assert.Empty(t, text.String())
	k.Wait(time.Second)
	assert.Contains(t, text.String(), "subreaper")
}
