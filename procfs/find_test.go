package procfs

import (
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/filestest"
)

// put adds a process to a map of files.
func put(m *filestest.Map, s Stat, environ string) {
	if s.Threads == 0 {
		s.Threads = 1
	}
	s.Comm = "service"
	dir := "/proc/" + strconv.Itoa(s.Pid)
	m.Texts[dir+"/stat"] = renderStat(s)
	m.Texts[dir+"/environ"] = environ
}

func TestFind(t *testing.T) {
	const ours = "PATH=/bin\x00GOSV_INVOCATION=aa\x00GOSV_INVOCATION=bb\x00"
	m := filestest.NewMap(map[string]string{"/proc/uptime": "1 2", "/proc/1x/stat": "not a process"})
	put(m, Stat{Pid: 1, State: 'S', Pgrp: 1}, "")
	put(m, Stat{Pid: 100, State: 'S', Ppid: 1, Pgrp: 50}, ours)                              // gosv itself
	put(m, Stat{Pid: 9, State: 'S', Ppid: 1, Pgrp: 200, Session: 3, StartTime: 77}, "")      // in the group, whoever its parent is
	put(m, Stat{Pid: 200, State: 'Z', Ppid: 100, Pgrp: 200}, "")                             // the dead leader
	put(m, Stat{Pid: 201, State: 'Z', Threads: 3, Ppid: 100, Pgrp: 200, StartTime: 78}, "")  // its threads go on
	put(m, Stat{Pid: 300, State: 'T', Ppid: 100, Pgrp: 300, StartTime: 79}, ours)            // escaped by setsid, adopted
	put(m, Stat{Pid: 301, State: 'S', Ppid: 100, Pgrp: 301}, "X=GOSV_INVOCATION=aa\x00")     // an adopted stranger
	put(m, Stat{Pid: 302, State: 'S', Ppid: 100, Pgrp: 302}, "GOSV_INVOCATION=aaa\x00")      // of another gosv
	put(m, Stat{Pid: 298, State: 'S', Ppid: 100, Pgrp: 298}, "GOSV_INVOCATION=xx/aa/yy\x00") // left by a gosv that was a service, of a service of its
	put(m, Stat{Pid: 299, State: 'S', Ppid: 100, Pgrp: 299}, "GOSV_INVOCATION=xx/aaa/yy\x00")
	put(m, Stat{Pid: 303, State: 'S', Ppid: 100, Pgrp: 303}, "GOSV_INVOCATION=\x00GOSV_INVOCATION=aa\x00")
	put(m, Stat{Pid: 304, State: 'S', Ppid: 300, Pgrp: 304}, ours)                          // not adopted: its parent lives
	put(m, Stat{Pid: 305, State: 'S', Ppid: 100, Pgrp: 200}, ours)                          // known
	put(m, Stat{Pid: 306, State: 'S', Ppid: 100, Pgrp: 306}, "")                            // its environment may not be seen
	put(m, Stat{Pid: 307, State: 'S', Ppid: 100, Pgrp: 307}, "")                            // goes before its environment is read
	put(m, Stat{Pid: 308, State: 'R', Ppid: 100, Pgrp: 308}, "")                            // its memory is gone
	put(m, Stat{Pid: 309, State: 'S', Ppid: 100, Pgrp: 309, Size: 4096}, "")                // it has no environment
	put(m, Stat{Pid: 310, State: 'Z', Threads: 2, Ppid: 100, Pgrp: 310, StartTime: 80}, "") // its first thread has ended
	put(m, Stat{Pid: 311, State: 'Z', Threads: 2, Ppid: 100, Pgrp: 311}, "")                // and the others are ending
	m.Texts["/proc/310/task/310/environ"], m.Texts["/proc/310/task/312/environ"] = "", ours
	m.Texts["/proc/311/task/311/environ"], m.Texts["/proc/311/task/313/environ"] = "", ""
	m.Fail["read /proc/310/environ"] = syscall.ESRCH
	m.Fail["read /proc/306/environ"] = syscall.EACCES
	m.Fail["read /proc/307/environ"] = syscall.ESRCH
	m.Fail["read /proc/305/stat"] = syscall.EIO      // must not even be read
	m.Fail["read /proc/1/environ"] = syscall.EIO     // nor this
	m.Fail["read /proc/201/environ"] = syscall.EIO   // found by its group already
	m.Texts["/proc/400/status"] = "listed, but gone" // ENOENT
	m.Texts["/proc/401/stat"] = ""
	m.Fail["read /proc/401/stat"] = syscall.EPERM // hidepid

	got, err := Find(m, Query{Self: 100, Known: map[int]bool{305: true}, Groups: map[int]bool{200: true}, Invocations: map[string]bool{"aa": true, "bb": true}})
	require.NoError(t, err)
	for i := range got {
		assert.Equal(t, "service", got[i].Comm)
		got[i].Comm = ""
	}
	assert.Equal(t, []Member{
		{Pid: 9, StartTime: 77, Ppid: 1, Pgrp: 200, Session: 3, State: 'S'},
		{Pid: 201, StartTime: 78, Ppid: 100, Pgrp: 200, State: 'Z'},
		{Pid: 298, Ppid: 100, Pgrp: 298, State: 'S', Invocation: "aa"},
		{Pid: 300, StartTime: 79, Ppid: 100, Pgrp: 300, State: 'T', Invocation: "aa"},
		{Pid: 307, Ppid: 100, Pgrp: 307, State: 'S', Dying: true},
		{Pid: 308, Ppid: 100, Pgrp: 308, State: 'R', Dying: true},
		{Pid: 310, StartTime: 80, Ppid: 100, Pgrp: 310, State: 'Z', Invocation: "aa"},
		{Pid: 311, Ppid: 100, Pgrp: 311, State: 'Z', Dying: true},
	}, got)
}

func TestFindWithoutInvocationsReadsNoEnvironment(t *testing.T) {
	m := filestest.NewMap(map[string]string{})
	put(m, Stat{Pid: 300, State: 'S', Ppid: 100, Pgrp: 300}, "")
	m.Fail["read /proc/300/environ"] = syscall.EIO
	got, err := Find(m, Query{Self: 100, Groups: map[int]bool{200: true}})
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestFindSaysThatItCouldNotLook(t *testing.T) {
	m := filestest.NewMap(map[string]string{})
	put(m, Stat{Pid: 300, State: 'S', Ppid: 100, Pgrp: 300}, "")
	q := Query{Self: 100, Invocations: map[string]bool{"aa": true}}
	m.Fail["read /proc/300/environ"] = syscall.EMFILE
	_, err := Find(m, q)
	assert.ErrorIs(t, err, syscall.EMFILE)
	m.Fail["read /proc/300/stat"] = syscall.ENFILE
	_, err = Find(m, q)
	assert.ErrorIs(t, err, syscall.ENFILE)
	m.Fail["readdir /proc"] = syscall.EMFILE
	_, err = Find(m, q)
	assert.EqualError(t, err, "cannot list the processes: readdir /proc: too many open files")
}
