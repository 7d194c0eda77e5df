package systest

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var spawnCases = []testcase{
	{"a child leads a process group of its own", childLeadsItsGroup},
	{"a child has the arguments of the request", childHasItsArguments},
	{"a child has the environment of the request and no more", childHasItsEnvironment},
	{"a child works in the directory of the request", childHasItsDir},
	{"without a directory a child works in gosv's", childHasOurDir},
	{"stdin is /dev/null, and so is an output without a sink", childHasNullStreams},
	{"no descriptor of gosv leaks into a child", nothingLeaks},
	{"no signal is blocked or ignored in a child", signalsAreClean},
	{"PATH is searched at every start", pathIsSearched},
	{"ExecAt is between the request and the result", bornIsTrue},
	{"each of many starts has exactly one result", oneResultEach},
	{"an exit is not reported before the result of the start", resultBeforeExit},
}

func childLeadsItsGroup(s *scene) {
	c := s.ready("fork {print ready; sleep forever}; sleep forever")
	assert.Equal(s, c.Pid, s.stat(c.Pid).Group)
	assert.Equal(s, s.Pid(), s.stat(c.Pid).Parent)
	assert.Len(s, s.group(c.Pid), 2, "a fork stays in the group")
}

// proc reads a file of a process in /proc.
func (s *scene) proc(pid int, name string) string {
	s.Helper()
	text, err := s.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	require.NoError(s, err)
	return string(text)
}

func childHasItsArguments(s *scene) {
	c := s.ready("print ready; sleep forever")
	program, args := s.Testproc("print ready; sleep forever")
	want := strings.Join(append([]string{program}, args...), "\x00") + "\x00"
	assert.Equal(s, want, s.proc(c.Pid, "cmdline"))
}

func childHasItsEnvironment(s *scene) {
	c := s.ready("print ready; sleep forever", func(r *sys.SpawnRequest) { r.Env = []string{"A=1", "B=two words", "C="} })
	assert.Equal(s, "A=1\x00B=two words\x00C=\x00", s.proc(c.Pid, "environ"))
	c = s.ready("print ready; sleep forever")
	assert.Empty(s, s.proc(c.Pid, "environ"))
}

func childHasItsDir(s *scene) {
	dir := s.File(Dir)
	c := s.ready("print ready; sleep forever", func(r *sys.SpawnRequest) { r.Dir = dir })
	s.link(c, "cwd", dir)
}

func childHasOurDir(s *scene) {
	ours, err := s.Readlink(fmt.Sprintf("/proc/%d/cwd", s.Pid()))
	require.NoError(s, err)
	s.link(s.ready("print ready; sleep forever"), "cwd", ours)
}

// link requires that a symbolic link in /proc leads somewhere.
func (s *scene) link(c *child, name, want string) {
	s.Helper()
	got, err := s.Readlink(fmt.Sprintf("/proc/%d/%s", c.Pid, name))
	require.NoError(s, err)
	assert.Equal(s, want, got, name)
}

func childHasNullStreams(s *scene) {
	c := s.start("sleep forever", func(r *sys.SpawnRequest) { r.Stdout = nil; r.Stderr = nil })
	for _, fd := range []string{"fd/0", "fd/1", "fd/2"} {
		s.link(c, fd, "/dev/null")
	}
}

// nothingLeaks looks for what gosv is made of: pipes, sockets, pidfds. Other
// files may be the program's own, and so may the poller that a testproc written in
// Go opens when it sleeps.
func nothingLeaks(s *scene) {
	s.ready("print ready; sleep forever")
	c := s.ready("print ready; sleep forever")
	dir := fmt.Sprintf("/proc/%d/fd", c.Pid)
	entries, err := s.ReadDir(dir)
	require.NoError(s, err)
	names := sys.EntryNames(entries)
	require.Subset(s, names, []string{"0", "1", "2"})
	for _, name := range names[3:] {
		target, err := s.Readlink(dir + "/" + name)
		require.NoError(s, err)
		own := strings.HasPrefix(target, "/") && target != "/dev/null" ||
			target == "anon_inode:[eventpoll]" || target == "anon_inode:[eventfd]"
		assert.True(s, own, "descriptor %s is %s", name, target)
	}
}

func signalsAreClean(s *scene) {
	c := s.ready("print ready; sleep forever")
	status := s.proc(c.Pid, "status")
	assert.Contains(s, status, "\nSigBlk:\t0000000000000000\n")
	// What was ignored when gosv was started stays so (nohup); nothing else is.
	_, ignored, found := strings.Cut(s.proc(s.Kernel.Pid(), "status"), "\nSigIgn:")
	require.True(s, found)
	ignored, _, _ = strings.Cut(ignored, "\n")
	assert.Contains(s, status, "\nSigIgn:"+ignored+"\n")
}

func pathIsSearched(s *scene) {
	program, _ := s.Testproc("")
	short := func(search string) func(*sys.SpawnRequest) {
		return func(r *sys.SpawnRequest) {
			r.Path = path.Base(program)
			r.Env = []string{"PATH=" + search}
		}
	}
	for range 2 {
		s.fails(s.request("exit 0", short(s.File(Dir))), sys.StepLookup, path.Base(program), syscall.ENOENT)
		c := s.ready("print ready; sleep forever", short(s.File(Missing)+":"+path.Dir(program)))
		assert.True(s, strings.HasPrefix(s.proc(c.Pid, "cmdline"), path.Base(program)+"\x00"), "argv[0] stays as it stands")
	}
}

func bornIsTrue(s *scene) {
	before := s.Now()
	c := s.start("sleep forever")
	assert.GreaterOrEqual(s, c.ExecAt, before)
	assert.LessOrEqual(s, c.ExecAt, s.Now())
}

func oneResultEach(s *scene) {
	const starts = 20
	var requests []sys.SpawnRequest
	for i := range starts {
		r := s.request("sleep forever")
		if i%4 == 3 {
			r.Path = s.File(Missing)
		}
		requests = append(requests, r)
		s.Spawn(r)
	}
	s.await("all results", func() bool { return len(s.results) == starts })
	s.pass(aMoment)
	pids := map[int]bool{}
	for i, r := range requests {
		res := s.results[r.ID]
		if i%4 == 3 {
			assert.Error(s, res.Err)
			assert.Zero(s, res.Child)
			continue
		}
		require.NoError(s, res.Err)
		pids[res.Child.Pid] = true
	}
	assert.Len(s, pids, starts*3/4)
}

func resultBeforeExit(s *scene) {
	self, err := s.ReadFile("/proc/self/stat")
	require.NoError(s, err)
	gosv, _, _ := strings.Cut(string(self), " ")
	r := s.request("exit 0")
	s.Spawn(r)
	ended := func(p ProcStat) bool { return p.Parent == s.number(gosv) && p.State == "Z" }
	for limit := s.Now() + patience; !slices.ContainsFunc(s.processes(), ended); s.Wait(s.Now() + aMoment) {
		require.Less(s, s.Now(), limit, "the child does not end")
	}
	s.Wait(s.Now() + aMoment)
	require.Empty(s, s.Exited(), "an exit came before the result of its start")
	c := s.child(r)
	s.await("the exit", func() bool { return s.ended[c.Handle] == 1 })
}
