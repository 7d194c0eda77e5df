package admit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys/tracesys"
	"github.com/gosv/gosv/sys/tracesys/admit"
)

// grouped is a run with a cgroup: the main process P2 has a child P3, which
// outlives it. Calls come a millisecond apart.
const grouped = `loop subreaper
loop read-file /proc/P1/mountinfo = cgroup2 /cg / rw
loop read-file /proc/P1/cgroup = /own
loop mkdir /cg/own/gosv
loop lock /cg/own/gosv
loop mkdir /cg/own/gosv/a
loop spawn s1 sh invocation i1 cgroup /cg/own/gosv/a
loop wait 0.007 = deadline spawn
loop spawned = s1:P2:h1
loop read-file /cg/own/gosv/a/cgroup.procs = P2 P3
loop read-file /proc/P3/stat = S ppid P2 pgrp P2 session P9 start 77 vm memory
loop exited = h1
loop peek h1 = exit 3
loop reap h1 = exit 3
loop watch /cg/own/gosv/a/cgroup.events = w1
loop read-file /cg/own/gosv/a/cgroup.events = populated 1 frozen 0
loop peek-orphan = lives
loop open-pid P3 = h2
loop read-file /proc/P3/stat = S ppid P1 pgrp P2 session P9 start 77 vm memory
loop signal h2 KILL
loop changed = w1
loop read-file /cg/own/gosv/a/cgroup.events = populated 0 frozen 0
loop peek-orphan = P3 killed KILL
loop reap-orphan P3 = killed KILL
loop peek-orphan = none
loop close h2
loop close h1
loop unwatch w1
loop rmdir /cg/own/gosv/a
loop read-file /cg/own/gosv/a/cgroup.events ! ENOENT
loop unlock /cg/own/gosv`

// plain is a run without cgroups: a job looks for what P2 left, as P3.
const plain = `loop subreaper
loop draw jitter 10 = 3
loop spawn s1 sh invocation i1
loop spawn s2 /no/such
loop spawned = s1:P2:h1 s2:exec:ENOENT
loop submit j1
j1 read-dir /proc = +P8 +P1 +P2 +P3
j1 read-file /proc/P8/stat = S ppid P7 pgrp P8 session P8 start 5 vm memory
j1 read-file /proc/P3/stat = S ppid P2 pgrp P2 session P9 start 77 vm memory
loop finished = j1
loop exited = h1
loop peek h1 = killed SEGV core
loop peek-orphan = lives
loop submit j2
j2 read-dir /proc
j2 read-file /proc/P3/stat = S ppid P1 pgrp P2 session P9 start 77 vm memory
j2 read-file /proc/P3/environ = i1
j2 open-pid P3 = h2
loop finished = j2
loop signal-group h1 KILL
loop reap h1 = killed SEGV core
loop signals = TERM
loop peek-orphan = P3 killed KILL
loop reap-orphan P3 = killed KILL
loop signal h2 KILL ! ESRCH
loop close h1
loop close h2
loop peek-orphan = none`

// trace gives the lines their times.
func trace(t *testing.T, lines string) tracesys.Trace {
	t.Helper()
	var b strings.Builder
	b.WriteString("gosv trace 1 self P1\n")
	for i, line := range strings.Split(lines, "\n") {
		if line[0] >= '0' && line[0] <= '9' { // it has its time
			fmt.Fprintln(&b, line)
			continue
		}
		fmt.Fprintf(&b, "0.%06d 10 %s\n", 1000*(i+1), line)
	}
	trace, err := tracesys.Read(strings.NewReader(b.String()))
	require.NoError(t, err)
	return trace
}

func TestRunsThatLinuxCanShowAreAdmitted(t *testing.T) {
	for name, lines := range map[string]string{"with a group": grouped, "without": plain} {
		assert.NoError(t, admit.Check(trace(t, lines)), name)
	}
}

// corrupt is a run with one change, which no kernel can show.
type corrupt struct {
	name     string
	run      string
	at, to   string // the line that is found, and what stands in its place; @ is itself
	refused  string // a part of the line that is refused
	admitted bool   // it is the proof that the rule is no stricter than the kernel
}

var corrupts = []corrupt{
	{name: "an exit is told twice", run: grouped, at: "exited = h1", to: "@\nloop exited = h1", refused: "exited = h1"},
	{name: "an exit comes before its start", run: grouped, at: "wait 0.007", to: "loop exited = h1", refused: "exited = h1"},
	{name: "an exit is told of an open process that is no child", run: grouped, at: "changed = w1", to: "loop exited = h2", refused: "exited = h2"},
	{name: "a child is reaped twice", run: grouped, at: "reap h1", to: "@\n@", refused: "reap h1 = exit 3"},
	{name: "a child that was reaped can be looked at", run: grouped, at: "reap h1", to: "@\nloop peek h1 = exit 3", refused: "peek h1"},
	{name: "a child ends in two ways", run: grouped, at: "reap h1", to: "loop reap h1 = exit 4", refused: "reap h1 = exit 4"},
	{name: "a dead child lives", run: grouped, at: "reap h1", to: "loop reap h1 = lives", refused: "reap h1 = lives"},
	{name: "a child is lost", run: grouped, at: "peek h1", to: "loop peek h1 ! ECHILD", refused: "peek h1 ! ECHILD"},
	{name: "a group is empty while a member lives", run: grouped, at: "populated 1", to: "loop read-file /cg/own/gosv/a/cgroup.events = populated 0 frozen 0", refused: "/proc/P3/stat"},
	{name: "an empty group is populated again", run: grouped, at: "reap-orphan", to: "@\nloop read-file /cg/own/gosv/a/cgroup.events = populated 1 frozen 0", refused: "populated 1"},
	{name: "a group is populated before its first process", run: grouped, at: "spawn s1", to: "loop read-file /cg/own/gosv/a/cgroup.events = populated 1 frozen 0\n@", refused: "populated 1"},
	{name: "a child that is under way populates its group", run: grouped, at: "spawn s1", to: "@\nloop read-file /cg/own/gosv/a/cgroup.events = populated 1 frozen 0", admitted: true},
	{name: "a removed group is read", run: grouped, at: "cgroup.events ! ENOENT", to: "loop read-file /cg/own/gosv/a/cgroup.events = populated 0 frozen 0", refused: "populated 0"},
	{name: "a group that is there is gone", run: grouped, at: "populated 1", to: "loop read-file /cg/own/gosv/a/cgroup.events ! ENODEV", refused: "ENODEV"},
	{name: "a group with a living member is removed", run: grouped, at: "open-pid P3", to: "@\nloop rmdir /cg/own/gosv/a", refused: "/proc/P3/stat"},
	{name: "an empty group is busy", run: grouped, at: "rmdir", to: "loop rmdir /cg/own/gosv/a ! EBUSY", refused: "rmdir"},
	{name: "a group with a member is busy", run: grouped, at: "open-pid P3", to: "@\nloop rmdir /cg/own/gosv/a ! EBUSY", admitted: true},
	{name: "a directory is made twice", run: grouped, at: "mkdir /cg/own/gosv/a", to: "@\n@", refused: "mkdir /cg/own/gosv/a"},
	{name: "a directory that was just made does not exist", run: grouped, at: "mkdir /cg/own/gosv/a", to: "@\nloop rmdir /cg/own/gosv/a ! ENOENT", refused: "rmdir"},
	{name: "a directory is locked twice", run: grouped, at: "lock /cg", to: "@\n@", refused: "lock"},
	{name: "what is not locked is unlocked", run: grouped, at: "lock /cg/own/gosv", to: "loop wall", refused: "unlock"},
	{name: "a process is a member that nobody can have made", run: grouped, at: "reap-orphan", to: "@\nloop read-file /cg/own/gosv/a/cgroup.procs = P5", refused: "P5"},
	{name: "a member that has left is back", run: grouped, at: "changed = w1", to: "loop read-file /cg/own/gosv/a/cgroup.procs\nloop read-file /cg/own/gosv/a/cgroup.procs = P3", refused: "= P3"},
	{name: "a process is born into a group that is not there", run: grouped, at: "mkdir /cg/own/gosv/a", to: "loop wall", refused: "spawned"},
	{name: "a group is missing that is there", run: grouped, at: "spawned =", to: "loop spawned = s1:cgroup:ENOENT", refused: "spawned"},
	{name: "a watch fires that is closed", run: grouped, at: "unwatch", to: "@\nloop changed = w1", refused: "changed = w1"},
	{name: "an orphan is told while its parent lives", run: grouped, at: "exited = h1", to: "loop peek-orphan = P3 exit 0\nloop peek h1 = lives", refused: "peek h1 = lives"},
	{name: "an orphan changes its parent while that lives", run: grouped, at: "exited = h1", to: "loop read-file /proc/P3/stat = S ppid P1 pgrp P2 session P9 start 77 vm memory\nloop peek h1 = lives", refused: "peek h1 = lives"},
	{name: "an adopted child goes back", run: grouped, at: "signal h2", to: "loop read-file /proc/P3/stat = S ppid P2 pgrp P2 session P9 start 77 vm memory", refused: "/proc/P3/stat"},
	{name: "no orphan is there while one lives", run: grouped, at: "signal h2", to: "loop peek-orphan = none", refused: "none"},
	{name: "a zombie orphan is not found", run: grouped, at: "reap-orphan", to: "loop peek-orphan = lives", refused: "lives"},
	{name: "an orphan ends in two ways", run: plain, at: "reap-orphan", to: "loop peek-orphan P3 = exit 0", refused: "peek-orphan"},
	{name: "there is an orphan before the first start", run: plain, at: "draw", to: "loop peek-orphan = P3 exit 0", refused: "peek-orphan"},
	{name: "an orphan is reaped twice", run: grouped, at: "reap-orphan", to: "@\n@", refused: "reap-orphan"},
	{name: "an unreaped child does not exist", run: plain, at: "peek h1", to: "@\nloop signal h1 TERM ! ESRCH", refused: "ESRCH"},
	{name: "a zombie takes a signal", run: plain, at: "peek h1", to: "@\nloop signal h1 TERM", admitted: true},
	{name: "a reaped child takes a signal", run: plain, at: "reap h1", to: "@\nloop signal h1 TERM", refused: "signal h1 TERM"},
	{name: "a reaped orphan takes a signal", run: plain, at: "h2 KILL ! ESRCH", to: "loop signal h2 KILL", refused: "signal h2 KILL"},
	{name: "a closed handle is used", run: plain, at: "close h1", to: "@\nloop peek h1 ! ECHILD", refused: "peek h1"},
	{name: "a handle is given twice", run: plain, at: "open-pid P3", to: "j2 open-pid P3 = h1", refused: "open-pid"},
	{name: "an unreaped child is not listed", run: plain, at: "j2 read-dir", to: "j2 read-dir /proc = -P2", refused: "read-dir"},
	{name: "an adopted child that was seen is not listed", run: plain, at: "j2 open-pid", to: "@\nj2 read-dir /proc = -P3", refused: "read-dir"},
	{name: "an unreaped child has no stat", run: plain, at: "peek h1", to: "@\nloop read-file /proc/P2/stat ! ENOENT", refused: "ENOENT"},
	{name: "an unreaped child cannot be opened", run: plain, at: "peek h1", to: "@\nloop open-pid P2 ! ESRCH", refused: "open-pid"},
	{name: "a zombie comes back to life", run: plain, at: "peek h1", to: "@\nloop read-file /proc/P2/stat = S ppid P1 pgrp P2 session P9 start 70 vm memory", refused: "/proc/P2/stat"},
	{name: "a process that lost its memory has it back", run: plain, at: "exited = h1", to: "loop read-file /proc/P2/stat = R ppid P1 pgrp P2 session P9 start 70 vm none\nloop read-file /proc/P2/stat = R ppid P1 pgrp P2 session P9 start 70 vm memory", refused: "vm memory"},
	{name: "a living child begins anew", run: plain, at: "exited = h1", to: "loop read-file /proc/P2/stat = S ppid P1 pgrp P2 session P9 start 70 vm memory\nloop read-file /proc/P2/stat = S ppid P1 pgrp P2 session P9 start 71 vm memory", refused: "start 71"},
	{name: "a number is given out while its process is a zombie", run: plain, at: "peek h1", to: "@\nloop spawn s3 sh invocation i2\nloop spawned = s3:P2:h3", refused: "spawned"},
	{name: "a number is given out while its process lives", run: plain, at: "exited = h1", to: "loop spawn s3 sh invocation i2\nloop spawned = s3:P2:h3", refused: "spawned"},
	{name: "a number is given out while it is a living group's", run: plain, at: "reap h1", to: "@\nloop spawn s3 sh invocation i2\nloop spawned = s3:P2:h3", refused: "spawned"},
	{name: "a number is given out again when it is free", run: plain, at: "close h1", to: "loop spawn s3 sh invocation i2\nloop spawned = s3:P2:h3\nloop signal h1 TERM ! ESRCH\n@", admitted: true},
	{name: "a start has two results", run: plain, at: "submit j1", to: "@\nloop spawned = s2:P4:h4", refused: "s2:P4"},
	{name: "a start has a result that was never asked for", run: plain, at: "submit j1", to: "@\nloop spawned = s9:P4:h4", refused: "s9"},
	{name: "a step fails in a way that it cannot", run: plain, at: "spawned", to: "loop spawned = s1:P2:h1 s2:chdir:ESRCH", refused: "ESRCH"},
	{name: "a child of another generation has its word", run: plain, at: "/environ", to: "j2 read-file /proc/P3/environ = i2", refused: "environ"},
	{name: "a draw is out of its range", run: plain, at: "draw", to: "loop draw jitter 10 = 10", refused: "draw"},
	{name: "a deadline comes too early", run: plain, at: "draw", to: "loop wait 9.000000 = deadline", refused: "wait"},
	{name: "the clock goes back", run: plain, at: "loop draw", to: "@\n0.000001 1 loop now", refused: "now"},
	{name: "CHLD is delivered", run: plain, at: "signals", to: "loop signals = CHLD", refused: "signals"},
	{name: "KILL is delivered", run: plain, at: "signals", to: "loop signals = KILL", refused: "signals"},
	{name: "a call is written long after it ended", run: plain, at: "close h2", to: "@\nloop submit j3\nj3 read-file /proc/P4/stat = S ppid P1 pgrp P4 session P9 start 78 vm memory\n0.028500 10 loop spawn s3 sh invocation i3\nloop spawned = s3:P4:h3\nloop finished = j3", admitted: true},
	{name: "a start begins after its child was seen", run: plain, at: "close h2", to: "@\nloop submit j3\nj3 read-file /proc/P4/stat = S ppid P1 pgrp P4 session P9 start 78 vm memory\nloop spawn s3 sh invocation i3\nloop spawned = s3:P4:h3\nloop finished = j3", refused: "/proc/P4/stat"},
	{name: "a job finishes twice", run: plain, at: "finished = j1", to: "@\n@", refused: "finished"},
	{name: "a job works on when its result was taken", run: plain, at: "finished = j1", to: "@\nj1 read-dir /proc", refused: "j1 read-dir"},
	{name: "a job works that was never submitted", run: plain, at: "submit j1", to: "loop wall", refused: "j1 read-dir"},
	{name: "there is such a call", run: plain, at: "draw", to: "loop levitate", refused: "levitate"},
	{name: "a living child cannot be stopped", run: plain, at: "exited = h1", to: "loop stopped h1 ! ECHILD\nloop peek h1 = lives", refused: "peek h1 = lives"},
	{name: "a child that nobody has seen is in the group that its mother left", run: plain, at: "exited = h1", to: "loop read-file /proc/P2/stat = S ppid P1 pgrp P1 session P1 start 70 vm memory\nloop signal-group h1 TERM\n@", admitted: true},
	{name: "a group is empty that a child has left", run: strings.Replace(plain, "ppid P1 pgrp P2 session P9", "ppid P1 pgrp P3 session P3", 1), at: "submit j2", to: "loop group-lives h1 = none\nloop peek-orphan = lives\n@", admitted: true},
	{name: "a group is empty while a child lives in it", run: plain, at: "loop signal-group", to: "loop group-lives h1 = none\nloop submit j3\nj3 read-file /proc/P3/stat = S ppid P1 pgrp P2 session P9 start 77 vm memory\nloop finished = j3\n@", refused: "/proc/P3/stat"},
	{name: "a stop is told", run: plain, at: "exited = h1", to: "loop stopped h1 = TSTP\n@", admitted: true},
	{name: "a stop is told twice", run: plain, at: "exited = h1", to: "loop stopped h1 = TSTP\n@\nloop stopped h1 = TSTP", refused: "stopped"},
	{name: "orphans go to nobody without a subreaper", run: plain, at: "subreaper", to: "loop wall", refused: "P3"},
}

func TestCorruptTracesAreRefused(t *testing.T) {
	for _, c := range corrupts {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			err := admit.Check(trace(t, c.edit(t)))
			if c.admitted {
				require.NoError(t, err)
				return
			}
			var refusal *admit.Refusal
			require.ErrorAs(t, err, &refusal)
			assert.Contains(t, refusal.Call.String(), c.refused, "%v", err)
			assert.NotEmpty(t, refusal.Allowed)
			assert.Contains(t, refusal.State, "P1")
		})
	}
}

// edit puts the change into the run.
func (c corrupt) edit(t *testing.T) string {
	t.Helper()
	lines := strings.Split(c.run, "\n")
	for i, line := range lines {
		if strings.Contains(line, c.at) {
			lines[i] = strings.ReplaceAll(c.to, "@", line)
			return strings.Join(lines, "\n")
		}
	}
	t.Fatalf("no line holds %q", c.at)
	return ""
}

func TestARefusalSaysWhatWouldBeAllowedAndWhy(t *testing.T) {
	for _, c := range corrupts {
		if c.name == "a process is a member that nobody can have made" {
			err := admit.Check(trace(t, c.edit(t)))
			require.Error(t, err)
			for _, part := range []string{"line 26: the fake kernel could not have answered so (24 calls were admitted)", "it would answer: =\n",
				"because nobody can have made the process P5", "P1 child of init, S, group /own"} {
				assert.Contains(t, err.Error(), part)
			}
		}
	}
}

// The first thread of P2 has ended and P2 has not, so the zombie P3 is not gosv's
// yet. It comes when the last thread ends.
const threaded = `loop subreaper
loop read-file /proc/P1/mountinfo = cgroup2 /cg / rw
loop read-file /proc/P1/cgroup = /own
loop mkdir /cg/own/gosv
loop mkdir /cg/own/gosv/a
loop spawn s1 sh invocation i1 cgroup /cg/own/gosv/a
loop wait 0.007 = deadline spawn
loop spawned = s1:P2:h1
loop read-file /proc/P2/stat = Z ppid P1 pgrp P2 session P9 start 70 vm none
loop read-file /cg/own/gosv/a/cgroup.procs
loop peek-orphan = none
loop peek-orphan = P3 killed KILL
loop reap-orphan P3 = killed KILL
loop exited = h1
loop reap h1 = killed TERM`

func TestAProcessThatIsStillEndingKeepsItsZombies(t *testing.T) {
	require.NoError(t, admit.Check(trace(t, threaded)))
	after := threaded + "\nloop peek-orphan = none\nloop peek-orphan = P4 killed KILL"
	assert.Error(t, admit.Check(trace(t, after)), "there is none any more")
}
