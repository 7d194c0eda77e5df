package cgroupfs

import (
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProbeMovesItselfAndEnablesControllersThenUndoes(t *testing.T) {
	m := newMachine("cpuset cpu io memory pids")
	tree, findings := Probe(m, gosv, systemdRoot)
	require.NotNil(t, tree)
	assert.Empty(t, findings)
	assert.Equal(t, ownGroup+"/gosv", tree.Path())
	assert.Equal(t, []Controller{Memory, CPU, Pids}, tree.enabled)
	assert.Empty(t, cmp.Diff([]string{
		"mkdir " + ownGroup + "/gosv",
		"mkdir " + ownGroup + "/gosv/supervisor",
		"write " + ownGroup + "/gosv/supervisor/cgroup.procs 100",
		"write " + ownGroup + "/cgroup.subtree_control +memory",
		"write " + ownGroup + "/gosv/cgroup.subtree_control +memory",
		"write " + ownGroup + "/cgroup.subtree_control +cpu",
		"write " + ownGroup + "/gosv/cgroup.subtree_control +cpu",
		"write " + ownGroup + "/cgroup.subtree_control +pids",
		"write " + ownGroup + "/gosv/cgroup.subtree_control +pids",
	}, m.Calls))

	_, err := tree.Create(tree.LeafPath("web", 7), Limits{})
	require.NoError(t, err)
	m.Calls = nil
	require.NoError(t, tree.Close())
	assert.Empty(t, cmp.Diff([]string{
		"rmdir " + ownGroup + "/gosv/web/7",
		"rmdir " + ownGroup + "/gosv/web",
		"write " + ownGroup + "/gosv/cgroup.subtree_control -memory",
		"write " + ownGroup + "/gosv/cgroup.subtree_control -cpu",
		"write " + ownGroup + "/gosv/cgroup.subtree_control -pids",
		"write " + ownGroup + "/cgroup.subtree_control -memory",
		"write " + ownGroup + "/cgroup.subtree_control -cpu",
		"write " + ownGroup + "/cgroup.subtree_control -pids",
		"write " + ownGroup + "/cgroup.procs 100",
		"rmdir " + ownGroup + "/gosv/supervisor",
		"rmdir " + ownGroup + "/gosv",
	}, m.Calls))
	assert.Equal(t, "100\n", m.Texts[ownGroup+"/cgroup.procs"])
	assert.Empty(t, m.Locked)
	require.NoError(t, tree.Close(), "a second time")
}

func TestProbeTakesTheFirstFreeName(t *testing.T) {
	tests := map[string]struct {
		break_ func(m *machine)
		want   string
	}{
		"alone":                                 {func(*machine) {}, "/gosv"},
		"another gosv":                          {func(m *machine) { m.Dir(ownGroup + "/gosv") }, "/gosv-100"},
		"and one with its PID":                  {func(m *machine) { m.Dir(ownGroup + "/gosv"); m.Dir(ownGroup + "/gosv-100") }, "/gosv-100-1"},
		"a gosv that is looking for stale ones": {func(m *machine) { m.Fail["lock "+ownGroup+"/gosv"] = syscall.EWOULDBLOCK }, "/gosv-100"},
		"a gosv that has just reclaimed it":     {func(m *machine) { m.Fail["lock "+ownGroup+"/gosv"] = syscall.ENOENT }, "/gosv-100"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine("memory cpu pids")
			if tt.break_ != nil {
				tt.break_(m)
			}
			tree, findings := Probe(m, gosv, Options{})
			assert.Empty(t, findings)
			require.NotNil(t, tree)
			assert.Equal(t, ownGroup+tt.want, tree.Path())
			assert.Equal(t, map[string]bool{tree.Path(): true}, m.Locked)
			others := m.Exists(ownGroup + "/gosv")
			require.NoError(t, tree.Close())
			assert.Empty(t, m.Locked)
			assert.Equal(t, others && tt.want != "/gosv", m.Exists(ownGroup+"/gosv"), "only its own directory goes")
		})
	}
}

func TestCloseLeavesControllersThatWereEnabledBefore(t *testing.T) {
	m := newMachine("memory cpu pids")
	m.Texts[ownGroup+"/cgroup.subtree_control"] = "memory\n"
	tree, _ := Probe(m, gosv, Options{})
	require.NotNil(t, tree)
	require.NoError(t, tree.disable(ownGroup, tree.enabledOwn))
	assert.Equal(t, "memory", strings.TrimSpace(m.Texts[ownGroup+"/cgroup.subtree_control"]))
}

func TestProbeWithoutAnyCgroup(t *testing.T) {
	const delegate = "start it with: systemd-run --scope -p Delegate=yes gosv --config 'my services.json'"
	tests := map[string]struct {
		break_  func(m *machine)
		options Options
		want    string
	}{
		"no cgroup2 mount": {func(m *machine) {
			m.Texts["/proc/100/mountinfo"] = "30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
		}, Options{}, "no cgroup v2 file system is mounted: boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none /sys/fs/cgroup"},
		"no v2 line": {func(m *machine) { m.Texts["/proc/100/cgroup"] = "1:memory:/\n" }, Options{},
			"no cgroup v2 file system is mounted: boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none /sys/fs/cgroup"},
		"no /proc": {func(m *machine) { delete(m.Texts, "/proc/100/mountinfo") }, Options{},
			"cannot read /proc/100/mountinfo: the process is gone (read /proc/100/mountinfo: no such file or directory): gosv needs /proc to find the cgroup file system"},
		"own group removed": {func(m *machine) { m.Texts["/proc/100/cgroup"] = "0::/x (deleted)\n" }, Options{},
			"gosv's own cgroup /x (deleted) was removed: start gosv in another one"},
		"outside the namespace": {func(m *machine) { m.Texts["/proc/100/cgroup"] = "0::/../x\n" }, Options{},
			"gosv's own cgroup /../x is not below the cgroup v2 file system at /sys/fs/cgroup, which shows /: mount cgroup2 in gosv's own cgroup namespace"},
		"not delegated, root": {func(m *machine) { m.Fail["mkdir "+ownGroup+"/gosv"] = syscall.EACCES }, systemdRoot,
			"gosv cannot make a directory in its own cgroup /sys/fs/cgroup/gosv.service: permission denied; this group is not delegated to gosv: " + delegate},
		"not delegated, user": {func(m *machine) { m.Fail["mkdir "+ownGroup+"/gosv"] = syscall.EACCES }, systemdUser,
			"gosv cannot make a directory in its own cgroup /sys/fs/cgroup/gosv.service: permission denied; this group is not delegated to gosv: start it with: systemd-run --user --scope -p Delegate=yes gosv"},
		"read-only under systemd": {func(m *machine) { m.Fail["mkdir "+ownGroup+"/gosv"] = syscall.EROFS }, systemdRoot,
			"gosv cannot make a directory in its own cgroup /sys/fs/cgroup/gosv.service: read-only file system; this group is not delegated to gosv: " + delegate},
		"read-only in a container": {func(m *machine) { m.Fail["mkdir "+ownGroup+"/gosv"] = syscall.EROFS }, Options{},
			"gosv cannot make a directory in its own cgroup /sys/fs/cgroup/gosv.service: read-only file system; the cgroup file system is mounted read-only, as containers have it: give the container a writable one"},
		"not delegated, no systemd": {func(m *machine) { m.Fail["mkdir "+ownGroup+"/gosv"] = syscall.EACCES }, Options{UID: 5},
			"gosv cannot make a directory in its own cgroup /sys/fs/cgroup/gosv.service: permission denied; this group is not delegated to gosv: start gosv as root, or in a cgroup whose directory, cgroup.procs and cgroup.subtree_control belong to its user"},
		"no further directory": {func(m *machine) { m.Fail["mkdir "+ownGroup+"/gosv"] = syscall.EAGAIN }, Options{},
			"gosv cannot make a directory in its own cgroup /sys/fs/cgroup/gosv.service: resource temporarily unavailable; a group above allows no further directory: raise its cgroup.max.depth or cgroup.max.descendants"},
		"the directory only": {func(m *machine) { m.Fail["mkdir "+ownGroup+"/gosv/supervisor"] = syscall.EAGAIN }, Options{},
			"gosv cannot make the cgroup /sys/fs/cgroup/gosv.service/gosv/supervisor: resource temporarily unavailable; a group above allows no further directory: raise its cgroup.max.depth or cgroup.max.descendants"},
		"may not move": {func(m *machine) { m.Fail["write "+ownGroup+"/gosv/supervisor/cgroup.procs"] = syscall.EACCES }, systemdUser,
			"gosv cannot move itself into /sys/fs/cgroup/gosv.service/gosv/supervisor: permission denied; this group is not delegated to gosv: start it with: systemd-run --user --scope -p Delegate=yes gosv"},
		"no descriptor for the lock": {func(m *machine) { m.Fail["lock "+ownGroup+"/gosv"] = syscall.EMFILE }, Options{},
			"gosv cannot lock /sys/fs/cgroup/gosv.service/gosv: too many open files"},
		"a threaded group": {func(m *machine) { m.Fail["write "+ownGroup+"/gosv/supervisor/cgroup.procs"] = syscall.EOPNOTSUPP }, Options{},
			"gosv cannot move itself into /sys/fs/cgroup/gosv.service/gosv/supervisor: operation not supported; the group is a threaded one: start gosv in another"},
		"beside systemd": {func(m *machine) { m.Texts["/proc/100/cgroup"] = "0::/\n" }, systemdRoot,
			"gosv is in the top-level cgroup /sys/fs/cgroup, which systemd manages, and may not make directories beside systemd's: " + delegate},
		"beside systemd in a container": {func(m *machine) {
			m.Texts["/proc/100/cgroup"] = "0::/\n"
			m.Texts[mountPoint+"/cgroup.type"] = "domain\n"
			m.Dir(mountPoint + "/init.scope")
		}, systemdUser,
			"gosv is in the top-level cgroup /sys/fs/cgroup, which systemd manages, and may not make directories beside systemd's: start it with: systemd-run --user --scope -p Delegate=yes gosv"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine("memory cpu pids")
			if tt.break_ != nil {
				tt.break_(m)
			}
			tree, findings := Probe(m, gosv, tt.options)
			assert.Nil(t, tree)
			require.Len(t, findings, 1)
			assert.Equal(t, tt.want, findings[0].String())
			assert.False(t, m.Exists(ownGroup+"/gosv"), "nothing is left behind")
			assert.Equal(t, []string{"memory.max is not in force: " + tt.want}, sentences(findings.Unenforceable(Limits{MemoryMax: 1})))
		})
	}
}

func TestProbeFindsItsGroup(t *testing.T) {
	const rw = " rw,nosuid - cgroup2 cgroup2 rw\n"
	tests := map[string]struct {
		mountinfo, cgroup, want string
		options                 Options
	}{
		"pure":                         {"30 23 0:26 / /sys/fs/cgroup" + rw, "0::/gosv.service\n", ownGroup, Options{}},
		"hybrid":                       {"30 23 0:26 / /sys/fs/cgroup/unified" + rw, "3:cpu:/x\n0::/a\n", "/sys/fs/cgroup/unified/a", Options{}},
		"the root, without systemd":    {"30 23 0:26 / /sys/fs/cgroup" + rw, "0::/\n", "/sys/fs/cgroup", Options{}},
		"a container with a bind":      {"30 23 0:26 /docker/ab /sys/fs/cgroup" + rw, "0::/docker/ab/sub\n", "/sys/fs/cgroup/sub", Options{}},
		"a container at its root":      {"30 23 0:26 /docker/ab /sys/fs/cgroup" + rw, "0::/docker/ab\n", "/sys/fs/cgroup", Options{}},
		"a neighbour with that prefix": {"30 23 0:26 /docker/a /x" + rw + "31 23 0:26 / /y" + rw, "0::/docker/ab\n", "/y/docker/ab", Options{}},
		"one of two is read-only":      {"30 23 0:26 / /x ro - cgroup2 none rw\n31 23 0:26 / /y" + rw, "0::/a\n", "/y/a", Options{}},
		"a hidden one":                 {"30 23 0:26 /q /x" + rw + "31 23 0:26 / /x" + rw, "0::/q/a\n", "/x/q/a", Options{}},
		"a space in the mount point":   {`30 23 0:26 / /c\040g` + rw, "0::/a\n", "/c g/a", Options{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine("")
			m.Texts["/proc/100/mountinfo"], m.Texts["/proc/100/cgroup"] = tt.mountinfo, tt.cgroup
			at, problem := locate(m, gosv, tt.options)
			require.Nil(t, problem)
			assert.Equal(t, tt.want, at.dir)
		})
	}
}

func TestProbeSaysWhichControllerIsMissingAndWhy(t *testing.T) {
	const enabled = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
	tests := map[string]struct {
		have    string
		break_  func(m *machine)
		options Options
		want    string // of the memory controller
	}{
		"mounted as v1": {"cpu pids", func(m *machine) {
			m.Texts["/proc/100/mountinfo"] += "33 23 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
		}, Options{}, "the memory controller is not available: it is bound to cgroup v1, mounted at /sys/fs/cgroup/memory; boot with cgroup_no_v1=all or systemd.unified_cgroup_hierarchy=1"},
		"bound to v1, not mounted here": {"cpu pids", func(m *machine) { m.Texts["/proc/cgroups"] = enabled + "memory\t4\t1\t1\n" }, Options{},
			"the memory controller is not available: it is bound to cgroup v1; boot with cgroup_no_v1=all or systemd.unified_cgroup_hierarchy=1"},
		"switched off": {"cpu pids", func(m *machine) { m.Texts["/proc/cgroups"] = enabled + "memory\t0\t1\t0\n" }, Options{},
			"the memory controller is not available: it was disabled at boot; boot without cgroup_disable=memory, or with cgroup_enable=memory"},
		"switched off, and the kernel does not know the word": {"cpu pids", func(m *machine) {
			m.Texts["/proc/cgroups"] = enabled + "memory\t0\t1\t0\n"
			m.Fail["write "+ownGroup+"/cgroup.subtree_control"] = syscall.EINVAL
		}, Options{},
			"the memory controller is not available: it was disabled at boot; boot without cgroup_disable=memory, or with cgroup_enable=memory"},
		"not handed down, as root": {"cpu pids", nil, Options{},
			"the memory controller is not available: the groups above do not hand it down to /sys/fs/cgroup/gosv.service; write +memory to cgroup.subtree_control of each group above it, from /sys/fs/cgroup down"},
		"not handed down, as a user": {"cpu pids", nil, Options{UID: 1000},
			"the memory controller is not available: the groups above do not hand it down to /sys/fs/cgroup/gosv.service; as root, write +memory to cgroup.subtree_control of each group above it, from /sys/fs/cgroup down"},
		"not built in": {"cpu pids", func(m *machine) { m.Texts["/proc/cgroups"] = enabled + "cpu\t0\t1\t1\n" }, Options{},
			"the memory controller is not available: this kernel was built without it"},
		"not handed down": {"cpu pids", func(m *machine) {
			m.Texts["/proc/100/mountinfo"] += "33 23 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n" // another's
		}, systemdUser,
			"the memory controller is not available: the groups above do not hand it down to /sys/fs/cgroup/gosv.service; start it with: systemd-run --user --scope -p Delegate=yes gosv"},
		"the file belongs to root": {"memory cpu pids", func(m *machine) { m.Fail["write "+ownGroup+"/cgroup.subtree_control"] = syscall.EACCES }, systemdUser,
			"the memory controller cannot be enabled in /sys/fs/cgroup/gosv.service (permission denied): it is not delegated to gosv: start it with: systemd-run --user --scope -p Delegate=yes gosv"},
		"for an unknown reason": {"memory cpu pids", func(m *machine) { m.Fail["write "+ownGroup+"/cgroup.subtree_control"] = syscall.EINVAL }, Options{},
			"the memory controller cannot be enabled in /sys/fs/cgroup/gosv.service (invalid argument)"},
		"others in the group": {"memory cpu pids", func(m *machine) {
			for pid, comm := range []string{5: "my shell", 6: "b", 7: "c", 8: "d", 9: "e"} {
				if comm != "" {
					m.process(pid, comm)
				}
			}
		}, systemdUser,
			`the memory controller cannot be enabled in /sys/fs/cgroup/gosv.service (device or resource busy): other processes are in this group, PID 5 (my shell), PID 6 (b), PID 7 (c) and 2 more; gosv needs a group of its own: start it with: systemd-run --user --scope -p Delegate=yes gosv`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine(tt.have)
			if tt.break_ != nil {
				tt.break_(m)
			}
			tree, findings := Probe(m, gosv, tt.options)
			require.NotNil(t, tree, "a group without the controller is still good for killing")
			assert.False(t, tree.Has(Memory))
			assert.Equal(t, tt.want, findings.Why(Memory))
			require.NoError(t, tree.Close())
			assert.False(t, m.Exists(ownGroup+"/gosv"))
		})
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{"": "''", "a.b": "a.b", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "--x=1": "--x=1", "a\nb": "'a\nb'", "a b c": "'a b c'",
		"azAZ09": "azAZ09", "a{": "'a{'", "`a": "'`a'", "[A": "'[A'", ";0": "';0'"} {
		assert.Equal(t, want, quote(word))
	}
}

// No group at all, for want of something that may be there a moment later, is worth
// another try. What is known of a controller is for good.
func TestTransient(t *testing.T) {
	assert.True(t, Findings{{Err: syscall.EMFILE}}.Transient())
	assert.False(t, Findings{{Err: syscall.EACCES}}.Transient())
	assert.False(t, Findings{{Controller: Memory, Err: syscall.EMFILE}}.Transient())
	assert.False(t, Findings{}.Transient())
}

func TestMemberNamesNamesAFewAndNeverGosvItself(t *testing.T) {
	m := newMachine("")
	for _, pid := range []int{5, 6, 7, 8} {
		m.process(pid, "sh")
	}
	assert.Equal(t, `PID 6 (sh), PID 7 (sh), PID 8 (sh) and 1 more`, memberNames(m, ownGroup, 5))
	assert.Equal(t, `PID 5 (sh), PID 6 (sh), PID 7 (sh) and 1 more`, memberNames(m, ownGroup, gosv))
	delete(m.Texts, "/proc/6/stat") // it has ended
	assert.Equal(t, `PID 5 (sh), PID 7 (sh), PID 8 (sh)`, memberNames(m, ownGroup, gosv))
}

func TestProbeSaysWhyTheCPUControllerIsInvalid(t *testing.T) {
	m := newMachine("memory cpu pids")
	m.Fail["write "+ownGroup+"/cgroup.subtree_control"] = syscall.EINVAL
	_, findings := Probe(m, gosv, Options{})
	assert.Equal(t, "the cpu controller cannot be enabled in /sys/fs/cgroup/gosv.service (invalid argument): the kernel refuses it while real-time processes run outside the root group", findings.Why(CPU))
}

// Another gosv in the group is a reason to stay where gosv is (EBUSY), and no reason
// to be silent about any other error, or about EBUSY without one.
func TestCloseReportsWhyGosvCannotMoveBack(t *testing.T) {
	for enabled, errno := range map[string]syscall.Errno{"memory": syscall.EACCES, "": syscall.EBUSY} {
		m := newMachine("memory")
		m.Texts[ownGroup+"/cgroup.subtree_control"] = enabled
		tree, _ := Probe(m, gosv, Options{})
		m.Fail["write "+ownGroup+"/cgroup.procs"] = errno
		assert.ErrorContains(t, tree.Close(), "cannot move gosv back into the cgroup "+ownGroup+": ")
		assert.True(t, m.Locked[tree.Path()], "while the directory exists")
	}
}
