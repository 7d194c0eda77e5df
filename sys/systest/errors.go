package systest

import (
	"errors"
	"strings"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var errorCases = []testcase{
	{"a program that does not exist: ENOENT", programIs(Missing, syscall.ENOENT)},
	{"a program without permission: EACCES", programIs(NotExecutable, syscall.EACCES)},
	{"an empty program: ENOEXEC", programIs(Empty, syscall.ENOEXEC)},
	{"a directory as program: EACCES", programIs(Dir, syscall.EACCES)},
	{"a program open for writing: ETXTBSY", programIs(Busy, syscall.ETXTBSY)},
	{"a program behind a loop of links: ELOOP", programIs(Looping, syscall.ELOOP)},
	{"a program below a file: ENOTDIR", programIs(BelowFile, syscall.ENOTDIR)},
	{"a program with too long a name: ENAMETOOLONG", programIs(LongName, syscall.ENAMETOOLONG)},
	{"a missing interpreter is named in the hint", interpreterIsNamed},
	{"an argument too long: E2BIG", argumentTooLong},
	{"a working directory that does not exist: ENOENT", dirIs(Missing, syscall.ENOENT)},
	{"a file as working directory: ENOTDIR", dirIs(NotExecutable, syscall.ENOTDIR)},
	{"a loop of links as working directory: ELOOP", dirIs(Looping, syscall.ELOOP)},
	{"a name that is not in PATH: ENOENT", nameNotInPath},
	{"an empty name: ENOENT", emptyName},
	{"a directory that is no cgroup: EBADF", cgroupIsNone},
	{"a file as cgroup: ENOTDIR", cgroupIsFile},
	{"a failed start closes its sinks", failureCloses},
	{"500 failing starts beside a reaper: each has its error, no zombie is left", failuresAreNotStolen},
}

// fails requires that a start fails at a step, about a path, with an errno.
func (s *scene) fails(r sys.SpawnRequest, step sys.Step, path string, errno syscall.Errno) *sys.SpawnError {
	s.Helper()
	s.Spawn(r)
	res := s.result(r.ID)
	return s.isFailure(res, step, path, errno)
}

func (s *scene) isFailure(res sys.SpawnResult, step sys.Step, path string, errno syscall.Errno) *sys.SpawnError {
	s.Helper()
	var e *sys.SpawnError
	require.ErrorAs(s, res.Err, &e)
	assert.Zero(s, res.Child)
	assert.Equal(s, step, e.Step)
	assert.Equal(s, path, e.Path)
	assert.Equal(s, errno, e.Err, "errno %v, not %v", errno, e.Err)
	assert.True(s, errors.Is(res.Err, errno))
	return e
}

func programIs(kind Kind, errno syscall.Errno) func(*scene) {
	return func(s *scene) {
		program := s.File(kind)
		s.fails(s.request("exit 0", func(r *sys.SpawnRequest) { r.Path = program }), sys.StepExec, program, errno)
	}
}

func interpreterIsNamed(s *scene) {
	program := s.File(MissingInterpreter)
	e := s.fails(s.request("exit 0", func(r *sys.SpawnRequest) { r.Path = program }), sys.StepExec, program, syscall.ENOENT)
	assert.Contains(s, e.Hint, "interpreter")
}

func argumentTooLong(s *scene) {
	r := s.request("exit 0", func(r *sys.SpawnRequest) { r.Args = append(r.Args, strings.Repeat("x", 128<<10)) })
	s.fails(r, sys.StepExec, r.Path, syscall.E2BIG)
}

func dirIs(kind Kind, errno syscall.Errno) func(*scene) {
	return func(s *scene) {
		dir := s.File(kind)
		s.fails(s.request("exit 0", func(r *sys.SpawnRequest) { r.Dir = dir }), sys.StepChdir, dir, errno)
	}
}

func nameNotInPath(s *scene) {
	r := s.request("exit 0", func(r *sys.SpawnRequest) {
		r.Path = "gosv-systest-no-such-program"
		r.Env = []string{"PATH=" + s.File(Missing) + ":" + s.File(Dir)}
	})
	s.fails(r, sys.StepLookup, r.Path, syscall.ENOENT)
}

func emptyName(s *scene) {
	s.fails(s.request("exit 0", func(r *sys.SpawnRequest) { r.Path = "" }), sys.StepLookup, "", syscall.ENOENT)
}

func cgroupIsNone(s *scene) {
	s.Cgroup(s.T) // or there is nothing to try
	dir := s.File(Dir)
	s.fails(s.request("exit 0", in(dir)), sys.StepCgroup, dir, syscall.EBADF)
}

func cgroupIsFile(s *scene) {
	file := s.Cgroup(s.T) + "/cgroup.procs"
	s.fails(s.request("exit 0", in(file)), sys.StepCgroup, file, syscall.ENOTDIR)
}

func failureCloses(s *scene) {
	for _, change := range []func(*sys.SpawnRequest){
		func(r *sys.SpawnRequest) { r.Path = s.File(Missing) },
		func(r *sys.SpawnRequest) { r.Path = "" },
		func(r *sys.SpawnRequest) { r.Dir = s.File(Missing) },
	} {
		r := s.request("exit 0", change)
		s.Spawn(r)
		s.result(r.ID)
		s.closes(r.Stdout.(*Lines))
		s.closes(r.Stderr.(*Lines))
	}
}

// failuresAreNotStolen keeps the rule of a reaper beside starts: an unknown
// zombie is left alone while a start is in flight. Where the kernel knows its own
// children, it does not show one at all.
func failuresAreNotStolen(s *scene) {
	const starts, atOnce = 500, 25
	program := s.File(Missing)
	for begun := 0; len(s.results) < starts; {
		for ; begun < starts && begun-len(s.results) < atOnce; begun++ {
			s.Spawn(s.request("exit 0", func(r *sys.SpawnRequest) { r.Path = program }))
		}
		s.Wait(s.Now() + aMoment)
		require.Zero(s, s.orphans(), "a child that could not execute is reported as an orphan")
		s.pump()
	}
	for _, res := range s.results {
		s.isFailure(res, sys.StepExec, program, syscall.ENOENT)
	}
	assert.Empty(s, s.ended, "a child that could not execute is no exit")
	assert.Zero(s, s.orphans(), "a child that could not execute was not reaped")
}
