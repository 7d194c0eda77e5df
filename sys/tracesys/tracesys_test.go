package tracesys_test

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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

func TestARecordReadsBack(t *testing.T) {
	text := record(t)
	trace, err := tracesys.Read(strings.NewReader(text))
	require.NoError(t, err)
	assert.Equal(t, "P1", trace.Self)
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "gosv") {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	require.Len(t, trace.Calls, len(lines))
	for i, c := range trace.Calls {
		assert.Equal(t, lines[i], c.String())
	}
	assert.Equal(t, "/no/such program", trace.Calls[3].Arg(1))
	assert.True(t, trace.Calls[11].Job())
}

func TestALineCutOffIsLeftOut(t *testing.T) {
	text := record(t)
	whole, err := tracesys.Read(strings.NewReader(text))
	require.NoError(t, err)
	cut, err := tracesys.Read(strings.NewReader(text[:len(text)-5]))
	require.NoError(t, err)
	assert.Len(t, cut.Calls, len(whole.Calls)-1)
}

func TestWhatIsNoTraceIsToldSo(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "it has no first line",
		"#!/bin/sh\n":                          "it begins with",
		"gosv trace 2 self P1\n":               "version 2; this gosv reads version 1",
		"gosv trace 1 self P1\n0.1 0 loop\n":   "line 2 of the trace: it has fewer than four words",
		"gosv trace 1 self P1\nx 0 loop now\n": "no time and duration",
		"gosv trace 1 self P1\n0.1 0 loop peek h1 ! EWHAT\n": "no name of an error",
		"gosv trace 1 self P1\n0.1 0 loop spawn \"x\n":       "a quote is not closed",
	} {
		_, err := tracesys.Read(strings.NewReader(text))
		assert.ErrorContains(t, err, want, "%q", text)
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

func TestErrorsKeepTheirNames(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ESRCH, syscall.EOPNOTSUPP, syscall.Errno(4000)} {
		text := "gosv trace 1 self P1\n" + tracesys.Call{By: tracesys.Loop, Op: "mkdir", Err: errno}.String() + "\n"
		trace, err := tracesys.Read(strings.NewReader(text))
		require.NoError(t, err)
		assert.Equal(t, errno, trace.Calls[0].Err)
	}
}

func TestEveryCallReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.String(), 0, 4)
		c := tracesys.Call{
			At:   time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "at")) * time.Microsecond,
			Took: time.Duration(rapid.Int64Range(0, 1<<30).Draw(t, "took")) * time.Microsecond,
			By:   rapid.SampledFrom([]string{tracesys.Loop, "j7"}).Draw(t, "by"),
			Op:   "spawn", Line: 2, Args: valid(list.Draw(t, "args")),
		}
		if rapid.Bool().Draw(t, "fails") {
			c.Err = syscall.Errno(rapid.IntRange(1, 4095).Draw(t, "errno"))
		} else {
			c.Result = valid(list.Draw(t, "result"))
		}
		trace, err := tracesys.Read(strings.NewReader("gosv trace 1 self P1\n" + c.String() + "\n"))
		if err != nil || len(trace.Calls) != 1 || trace.Calls[0].String() != c.String() {
			t.Fatalf("%s\nbecame %v, %v", c, trace.Calls, err)
		}
		if trace.Calls[0].Arg(0) != c.Arg(0) || trace.Calls[0].Arg(3) != c.Arg(3) {
			t.Fatalf("%q became %q", c.Args, trace.Calls[0].Args)
		}
	})
}

// valid has only UTF-8, as names of files may be anything else but are not here.
func valid(words []string) []string {
	for i := range words {
		words[i] = strings.ToValidUTF8(words[i], "?")
	}
	return words
}

func TestStatusReadsWhatAWaitTold(t *testing.T) {
	for text, want := range map[string]sys.Status{
		"exit 3": {Code: 3}, "killed TERM": {Signal: syscall.SIGTERM}, "killed SEGV core": {Signal: syscall.SIGSEGV, Core: true},
	} {
		got, ok := tracesys.Status(strings.Fields(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"lives", "", "exit", "exit x", "killed NOBODY", "killed TERM hammer", "none at all"} {
		_, ok := tracesys.Status(strings.Fields(text))
		assert.False(t, ok, text)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("gosv trace 1 self P1\n# note\n0.000001 2 loop spawn s1 \"a b\" = x\n0.1 1 j1 mkdir /a ! EEXIST\n")
	f.Fuzz(func(t *testing.T, text string) {
		trace, err := tracesys.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, c := range trace.Calls {
			again, err := tracesys.Read(strings.NewReader("gosv trace 1 self P1\n" + c.String() + "\n"))
			if err != nil || len(again.Calls) != 1 || again.Calls[0].String() != c.String() {
				t.Fatalf("%q became %v, %v", c.String(), again.Calls, err)
			}
		}
	})
}
