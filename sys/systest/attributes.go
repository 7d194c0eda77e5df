package systest

import (
	"fmt"
	"strings"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var attributeCases = []testcase{
	{"without attributes a child has gosv's user, nice value, umask and limits", attributesInherited},
	{"Setsid makes a session", setsid},
	{"Nice sets the nice value", nice},
	{"OOMScoreAdj is written, and the descriptor for it does not leak", oomScoreAdj},
	{"Rlimits are set, and a request without NOFILE does not change it", rlimits},
	{"Umask is set", umask},
	{"Credential changes user and groups, with the working directory of the request", credential},
	{"an empty Groups removes the supplementary groups", noGroups},
	{"NoNewPrivs is set", noNewPrivs},
	{"the children of a child have its attributes", attributesOfChildren},
	{"a nice value out of range: EINVAL at nice", refused(sys.StepNice, "20", sys.Attributes{Nice: new(20)})},
	{"an oom_score_adj out of range: EINVAL at oom_score_adj", refused(sys.StepOOMScoreAdj, "1001", sys.Attributes{OOMScoreAdj: new(1001)})},
	{"a soft limit above the hard one: EINVAL at rlimit", refused(sys.StepRlimit, "RLIMIT_CORE", sys.Attributes{Rlimits: []sys.Rlimit{{Resource: syscall.RLIMIT_CORE, Soft: 2, Hard: 1}}})},
	{"an unknown limit: EINVAL at rlimit", refused(sys.StepRlimit, "resource 16", sys.Attributes{Rlimits: []sys.Rlimit{{Resource: 16}}})},
	{"a umask out of range: EINVAL at umask", refused(sys.StepUmask, "01000", sys.Attributes{Umask: new(0o1000)})},
	{"a user ID that means none: EINVAL at uid", refused(sys.StepUID, "4294967295", sys.Attributes{Credential: &sys.Credential{UID: ^uint32(0)}})},
}

// with sets attributes of a request.
func with(a sys.Attributes) func(*sys.SpawnRequest) {
	return func(r *sys.SpawnRequest) { r.Attributes = a }
}

const waiting = "print ready; sleep forever"

// status returns a line of /proc/PID/status.
func (s *scene) status(pid int, name string) string {
	s.Helper()
	for line := range strings.Lines(s.proc(pid, "status")) {
		if value, ok := strings.CutPrefix(line, name+":\t"); ok {
			return strings.TrimSpace(value)
		}
	}
	s.Fatalf("/proc/%d/status has no line %s", pid, name)
	return ""
}

// limit returns the soft and the hard limit in a line of /proc/PID/limits.
func (s *scene) limit(pid int, name string) []string {
	s.Helper()
	for line := range strings.Lines(s.proc(pid, "limits")) {
		if values, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.Fields(values)[:2]
		}
	}
	s.Fatalf("/proc/%d/limits has no line %s", pid, name)
	return nil
}

// niceOf is field 19 of /proc/PID/stat.
func (s *scene) niceOf(pid int) string {
	s.Helper()
	_, fields, _ := strings.Cut(s.proc(pid, "stat"), ") ")
	return strings.Fields(fields)[16]
}

// needsRoot skips a case that changes its user.
func (s *scene) needsRoot() {
	s.Helper()
	if uids := s.status(s.Pid(), "Uid"); !strings.HasPrefix(uids, "0\t") {
		s.Skipf("only root can change its user; this is user %s", uids)
	}
}

func attributesInherited(s *scene) {
	c := s.ready(waiting)
	for _, line := range []string{"Uid", "Gid", "Groups", "Umask", "NoNewPrivs"} {
		assert.Equal(s, s.status(s.Pid(), line), s.status(c.Pid, line), line)
	}
	assert.Equal(s, s.niceOf(s.Pid()), s.niceOf(c.Pid))
	assert.Equal(s, s.proc(s.Pid(), "oom_score_adj"), s.proc(c.Pid, "oom_score_adj"))
}

func setsid(s *scene) {
	c := s.ready(waiting, with(sys.Attributes{Setsid: true}))
	assert.Equal(s, c.Pid, s.stat(c.Pid).Session)
	assert.Equal(s, c.Pid, s.stat(c.Pid).Group)
	assert.Equal(s, s.Pid(), s.stat(c.Pid).Parent)
	require.NoError(s, s.SignalGroup(c.Handle, syscall.SIGTERM))
	assert.Equal(s, sys.Status{Signal: syscall.SIGTERM}, s.reap(c))
}

func nice(s *scene) {
	c := s.ready(waiting, with(sys.Attributes{Nice: new(7)}))
	assert.Equal(s, "7", s.niceOf(c.Pid))
	assert.NotEqual(s, "7", s.niceOf(s.Pid()))
}

func oomScoreAdj(s *scene) {
	before := s.proc(s.Pid(), "oom_score_adj")
	c := s.ready(waiting, with(sys.Attributes{OOMScoreAdj: new(321)}))
	assert.Equal(s, "321\n", s.proc(c.Pid, "oom_score_adj"))
	assert.Equal(s, before, s.proc(s.Pid(), "oom_score_adj"))
	entries, err := s.ReadDir(fmt.Sprintf("/proc/%d/fd", c.Pid))
	require.NoError(s, err)
	for _, e := range entries {
		target, err := s.Readlink(fmt.Sprintf("/proc/%d/fd/%s", c.Pid, e.Name))
		require.NoError(s, err)
		assert.NotContains(s, target, "oom_score_adj")
	}
}

func rlimits(s *scene) {
	c := s.ready(waiting, with(sys.Attributes{Rlimits: []sys.Rlimit{{Resource: syscall.RLIMIT_NOFILE, Soft: 200, Hard: 200}, {Resource: syscall.RLIMIT_CORE}}}))
	assert.Equal(s, []string{"200", "200"}, s.limit(c.Pid, "Max open files"))
	assert.Equal(s, []string{"0", "0"}, s.limit(c.Pid, "Max core file size"))
	plain := s.ready(waiting)
	c = s.ready(waiting, with(sys.Attributes{Rlimits: []sys.Rlimit{{Resource: syscall.RLIMIT_CORE}}}))
	assert.Equal(s, s.limit(plain.Pid, "Max open files"), s.limit(c.Pid, "Max open files"))
}

func umask(s *scene) {
	before := s.status(s.Pid(), "Umask")
	c := s.ready(waiting, with(sys.Attributes{Umask: new(0o157)}))
	assert.Equal(s, "0157", s.status(c.Pid, "Umask"))
	assert.Equal(s, before, s.status(s.Pid(), "Umask"))
}

// other is a user who owns nothing.
const other = 64999

// asOther has a request run as that user. The testproc may stand in a directory that is
// closed to others; World.Reopened leads to it all the same.
func (s *scene) asOther(c sys.Credential) func(*sys.SpawnRequest) {
	return func(r *sys.SpawnRequest) {
		r.Path, r.Dir, r.Credential = s.Reopened, "/", &c
	}
}

func credential(s *scene) {
	s.needsRoot()
	c := s.ready(waiting, s.asOther(sys.Credential{UID: other, GID: other + 1, Groups: []uint32{other + 2, other + 3}}))
	assert.Equal(s, strings.Join([]string{"64999", "64999", "64999", "64999"}, "\t"), s.status(c.Pid, "Uid"))
	assert.Equal(s, strings.Join([]string{"65000", "65000", "65000", "65000"}, "\t"), s.status(c.Pid, "Gid"))
	assert.Equal(s, "65001 65002", s.status(c.Pid, "Groups"))
	assert.True(s, strings.HasPrefix(s.status(s.Pid(), "Uid"), "0\t"), "gosv stays root")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGTERM))
	assert.Equal(s, sys.Status{Signal: syscall.SIGTERM}, s.reap(c))
}

func noGroups(s *scene) {
	s.needsRoot()
	c := s.ready(waiting, s.asOther(sys.Credential{UID: other, GID: other}))
	assert.Empty(s, s.status(c.Pid, "Groups"))
}

func noNewPrivs(s *scene) {
	c := s.ready(waiting, with(sys.Attributes{NoNewPrivs: true}))
	assert.Equal(s, "1", s.status(c.Pid, "NoNewPrivs"))
	assert.Equal(s, "0", s.status(s.Pid(), "NoNewPrivs"))
}

func attributesOfChildren(s *scene) {
	c := s.ready("fork {print ready; sleep forever}; sleep forever", with(sys.Attributes{Nice: new(7), Umask: new(0o077), OOMScoreAdj: new(321)}))
	child := s.offspring(c.Pid)
	assert.Equal(s, "7", s.niceOf(child))
	assert.Equal(s, "0077", s.status(child, "Umask"))
	assert.Equal(s, "321\n", s.proc(child, "oom_score_adj"))
}

// refused is a start that fails with EINVAL at the step of an attribute.
func refused(step sys.Step, value string, a sys.Attributes) func(*scene) {
	return func(s *scene) { s.fails(s.request("exit 0", with(a)), step, value, syscall.EINVAL) }
}
