package systest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var attachCases = []testcase{
	{"text that is no PID cannot be moved: EINVAL", moveNonsense},
	{"a zombie can be moved, and is in no cgroup", moveZombie},
	{"a process is moved to where it is", moveNowhere},
	{"a control file is gone with its directory: ENOENT", filesGoWithTheirDir},
	{"the zombie of a removed cgroup shows it as deleted", zombieOfRemoved},
	{"a value that a control file does not take: EINVAL or ERANGE", controlNonsense},
	{"a read or write that a control file does not have: EINVAL", controlDirection},
	{"an unknown controller: EINVAL, one that the parent does not enable: ENOENT", unknownController},
	{"a cgroup has no more descendants than cgroup.max.descendants: EAGAIN", tooManyBelow},
	{"a directory's name may have 256 bytes, and no newline: EINVAL", oddDirNames},
	{"a write of no bytes does nothing, whatever the file", writeOfNothing},
}

// move writes a number to cgroup.procs.
func (s *scene) move(pid int, dir string) {
	s.Helper()
	s.write(dir+"/cgroup.procs", strconv.Itoa(pid))
}

// refuses requires that a write to a file fails.
func (s *scene) refuses(file, text string, errno syscall.Errno) {
	s.Helper()
	assert.ErrorIs(s, s.WriteFile(file, []byte(text)), errno, "write %q to %s", text, file)
}

func moveNonsense(s *scene) {
	leaf := s.leaf()
	for _, text := range []string{" ", "x", "-1", "1 2", "1.5", "99999999999"} {
		s.refuses(leaf+"/cgroup.procs", text, syscall.EINVAL)
	}
	const beyond = "4194305" // PID_MAX_LIMIT and one
	s.refuses(leaf+"/cgroup.procs", beyond, syscall.ESRCH)
	c := s.ready("print ready; sleep forever")
	s.write(leaf+"/cgroup.procs", fmt.Sprintf("  %d\n", c.Pid))
	assert.Equal(s, []int{c.Pid}, s.members(leaf))
}

func moveZombie(s *scene) {
	leaf := s.leaf()
	c := s.start("exit 0")
	s.end(c)
	s.move(c.Pid, leaf)
	assert.Empty(s, s.members(leaf))
	s.event(leaf, "populated 0")
	assert.Equal(s, s.cgroupOf(s.Kernel.Pid()), s.cgroupOf(c.Pid))
}

func moveNowhere(s *scene) {
	leaf := s.leaf()
	c := s.ready("print ready; sleep forever", in(leaf))
	s.move(c.Pid, leaf)
	assert.Equal(s, []int{c.Pid}, s.members(leaf))
}

// filesGoWithTheirFolder sees ENOENT of open(2) only: ReadFile and WriteFile hold
// nothing open in which the ENODEV of a removed directory could be met.
func filesGoWithTheirDir(s *scene) {
	leaf := s.leaf()
	watch, err := s.Watch(leaf + "/cgroup.events")
	require.NoError(s, err)
	require.NoError(s, s.Rmdir(leaf))
	_, err = s.ReadFile(leaf + "/cgroup.events")
	assert.ErrorIs(s, err, syscall.ENOENT)
	s.refuses(leaf+"/cgroup.kill", "1", syscall.ENOENT)
	_, err = s.ReadDir(leaf)
	assert.ErrorIs(s, err, syscall.ENOENT)
	_, err = s.Watch(leaf + "/cgroup.events")
	assert.ErrorIs(s, err, syscall.ENOENT)
	s.pass(aMoment)
	s.Unwatch(watch)
}

func zombieOfRemoved(s *scene) {
	leaf := s.leaf()
	c := s.start("exit 0", in(leaf))
	s.end(c)
	s.event(leaf, "populated 0")
	alive := s.cgroupOf(c.Pid)
	require.NoError(s, s.Rmdir(leaf))
	assert.Equal(s, alive+" (deleted)", s.cgroupOf(c.Pid))
}

func controlNonsense(s *scene) {
	leaf := s.leaf()
	for _, c := range []struct {
		file, text string
		errno      syscall.Errno
	}{
		{"cgroup.freeze", "2", syscall.ERANGE},
		{"cgroup.freeze", "-1", syscall.ERANGE},
		{"cgroup.freeze", "x", syscall.EINVAL},
		{"cgroup.freeze", "\n", syscall.EINVAL},
		{"cgroup.kill", "0", syscall.ERANGE},
		{"cgroup.kill", "x", syscall.EINVAL},
		{"cgroup.type", "domain", syscall.EINVAL},
		{"cgroup.max.depth", "-1", syscall.ERANGE},
		{"cgroup.max.descendants", "x", syscall.EINVAL},
		{"cgroup.subtree_control", "memory", syscall.EINVAL},
	} {
		s.refuses(leaf+"/"+c.file, c.text, c.errno)
	}
	s.write(leaf+"/cgroup.subtree_control", "")
	s.write(leaf+"/cgroup.max.depth", " max\n")
}

func controlDirection(s *scene) {
	leaf := s.leaf()
	assert.Empty(s, s.read(leaf+"/cgroup.controllers"), "a list of nothing has no line")
	assert.Empty(s, s.read(leaf+"/cgroup.subtree_control"))
	_, err := s.ReadFile(leaf + "/cgroup.kill")
	assert.ErrorIs(s, err, syscall.EINVAL)
	for _, file := range []string{"cgroup.events", "cgroup.controllers", "cgroup.stat"} {
		s.refuses(leaf+"/"+file, "1", syscall.EINVAL)
	}
}

func unknownController(s *scene) {
	leaf := s.leaf() // whose parent hands nothing down
	s.refuses(leaf+"/cgroup.subtree_control", "+nonsense", syscall.EINVAL)
	known := s.controllers()
	if len(known) == 0 {
		s.Skip("the kernel has no controller whose absence could be seen")
	}
	s.refuses(leaf+"/cgroup.subtree_control", "+"+known[0], syscall.ENOENT)
	s.write(leaf+"/cgroup.subtree_control", "-"+known[0])
}

// controllers are those that the kernel has, wherever they are mounted.
func (s *scene) controllers() (names []string) {
	s.Helper()
	for line := range strings.Lines(s.read("/proc/cgroups")) {
		words := strings.Fields(line)
		if len(words) == 4 && slices.Contains([]string{"cpu", "memory", "pids"}, words[0]) && words[3] == "1" {
			names = append(names, words[0])
		}
	}
	return names
}

func tooManyBelow(s *scene) {
	leaf := s.leaf()
	s.write(leaf+"/cgroup.max.descendants", "1")
	require.NoError(s, s.Mkdir(leaf+"/one"))
	assert.ErrorIs(s, s.Mkdir(leaf+"/two"), syscall.EAGAIN)
	s.write(leaf+"/cgroup.max.descendants", "max")
	s.write(leaf+"/cgroup.max.depth", "1")
	require.NoError(s, s.Mkdir(leaf+"/two"))
	assert.ErrorIs(s, s.Mkdir(leaf+"/two/deep"), syscall.EAGAIN)
}

// oddFolderNames: there is no NAME_MAX in kernfs.
func oddDirNames(s *scene) {
	dir := s.Cgroup(s.T)
	assert.ErrorIs(s, s.Mkdir(dir+"/a\nb"), syscall.EINVAL)
	long := dir + "/" + strings.Repeat("x", 256)
	require.NoError(s, s.Mkdir(long))
	require.NoError(s, s.Rmdir(long))
}

func writeOfNothing(s *scene) {
	leaf := s.leaf()
	c := s.ready("print ready; sleep forever", in(leaf))
	for _, file := range []string{"cgroup.procs", "cgroup.freeze", "cgroup.kill", "cgroup.type", "cgroup.subtree_control"} {
		s.write(leaf+"/"+file, "")
	}
	s.alive(c)
	assert.Equal(s, []int{c.Pid}, s.members(leaf))
}
