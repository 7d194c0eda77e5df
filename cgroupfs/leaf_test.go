package cgroupfs

import (
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
)

var everyLimit = config.Limits{MemoryMax: 256 << 20, MemoryHigh: 200 << 20, CPUPercent: 50, CPUWeight: 300, PidsMax: 64}

var limitFiles = map[string]string{"memory.max": "max\n", "memory.high": "max\n", "memory.oom.group": "0\n",
	"cpu.max": "max 100000\n", "cpu.weight": "100\n", "pids.max": "max\n"}

func TestCreateWritesTheLimits(t *testing.T) {
	m := newMachine("memory cpu pids")
	m.leafFiles = limitFiles
	tree := probed(t, m)
	leaf := tree.LeafPath("web", 7)
	assert.Equal(t, tree.Path()+"/web.7", leaf)
	assert.Equal(t, leaf+"/cgroup.events", tree.EventsPath(leaf))

	warnings, err := tree.Create(leaf, everyLimit)
	require.NoError(t, err)
	assert.Empty(t, warnings)
	assert.Empty(t, cmp.Diff([]string{
		"mkdir " + leaf,
		"write " + leaf + "/memory.max 268435456",
		"write " + leaf + "/memory.high 209715200",
		"write " + leaf + "/cpu.max 50000 100000",
		"write " + leaf + "/cpu.weight 300",
		"write " + leaf + "/pids.max 64",
		"write " + leaf + "/memory.oom.group 1",
	}, m.Calls))

	m.Calls = nil
	_, err = tree.Create(tree.LeafPath("web", 8), config.Limits{CPUPercent: 1})
	require.NoError(t, err)
	_, err = tree.Create(tree.LeafPath("web", 9), config.Limits{CPUPercent: 250})
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff([]string{
		"mkdir " + tree.Path() + "/web.8", "write " + tree.Path() + "/web.8/cpu.max 1000 100000",
		"mkdir " + tree.Path() + "/web.9", "write " + tree.Path() + "/web.9/cpu.max 250000 100000",
	}, m.Calls), "no limit, no write")
}

func TestCreateWarnsOfEachLimitThatIsNotInForce(t *testing.T) {
	m := newMachine("cpu pids")
	m.leafFiles = map[string]string{"cpu.max": "", "pids.max": ""}
	tree, findings := Probe(m, gosv, Options{})
	require.NotNil(t, tree)
	leaf := tree.LeafPath("web", 1)
	m.Fail["write "+leaf+"/pids.max"] = syscall.EINVAL
	warnings, err := tree.Create(leaf, everyLimit)
	require.NoError(t, err)
	const why = " is not in force: the memory controller is not available: the groups above do not hand it down to " + ownGroup +
		"; start gosv as root, or in a cgroup whose folder, cgroup.procs and cgroup.subtree_control belong to its user"
	assert.Equal(t, []string{
		"memory_mb" + why,
		"memory_high_mb" + why,
		"cpu_weight is not in force: writing 300 to " + leaf + "/cpu.weight: no such file or directory",
		"pids_max is not in force: writing 64 to " + leaf + "/pids.max: invalid argument",
	}, warnings)
	assert.Equal(t, warnings[:2], findings.Unenforced(everyLimit), "the same words")
	assert.Empty(t, findings.Unenforced(config.Limits{}))

	m = newMachine("memory")
	m.leafFiles = map[string]string{"memory.max": ""}
	tree, _ = Probe(m, gosv, Options{})
	leaf = tree.LeafPath("web", 1)
	warnings, err = tree.Create(leaf, config.Limits{MemoryMax: 1})
	require.NoError(t, err)
	assert.Equal(t, []string{"out of memory, single processes of the service may be killed: writing 1 to " + leaf +
		"/memory.oom.group: no such file or directory"}, warnings)
}

func TestCreateErrors(t *testing.T) {
	for _, no := range []syscall.Errno{syscall.ENOENT, syscall.EACCES, syscall.EROFS, syscall.EEXIST, syscall.EAGAIN, syscall.EMFILE} {
		m := newMachine("memory cpu pids")
		tree := probed(t, m)
		leaf := tree.LeafPath("web", 1)
		m.Fail["mkdir "+leaf] = no
		_, err := tree.Create(leaf, everyLimit)
		assert.ErrorIs(t, err, no)
		assert.ErrorContains(t, err, "cannot make the cgroup "+leaf)
		assert.Equal(t, no == syscall.ENOENT, IsGone(err))
	}
	m := newMachine("memory cpu pids")
	tree := probed(t, m)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, config.Limits{})
	require.NoError(t, err)
	_, err = tree.Create(leaf, config.Limits{})
	assert.ErrorIs(t, err, syscall.EEXIST, "a generation has one leaf")

	other := tree.LeafPath("web", 2)
	m.Fail["write "+other+"/memory.max"] = syscall.ENODEV
	m.Fail["read "+other+"/cgroup.events"] = syscall.ENODEV
	_, err = tree.Create(other, everyLimit)
	assert.True(t, IsGone(err), "somebody removed it meanwhile: %v", err)
}

func TestAttach(t *testing.T) {
	m := newMachine("")
	tree, _ := Probe(m, gosv, Options{})
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, config.Limits{})
	require.NoError(t, err)
	require.NoError(t, tree.Attach(leaf, 55))
	assert.Equal(t, "55\n", m.Texts[leaf+"/cgroup.procs"])
	for _, no := range []syscall.Errno{syscall.ESRCH, syscall.EBUSY, syscall.EOPNOTSUPP, syscall.EACCES, syscall.ENODEV, syscall.EINVAL} {
		m.Fail["write "+leaf+"/cgroup.procs"] = no
		assert.ErrorIs(t, tree.Attach(leaf, 55), no)
	}
	assert.EqualError(t, tree.Attach(leaf, 55), "cannot move process 55 into the cgroup "+leaf+": invalid argument")
}

func TestRemove(t *testing.T) {
	m := newMachine("")
	tree, _ := Probe(m, gosv, Options{})
	leaf := tree.LeafPath("web", 1)
	create := func() {
		_, err := tree.Create(leaf, config.Limits{})
		require.NoError(t, err)
	}
	create()
	require.NoError(t, tree.Remove(leaf))
	assert.False(t, m.Exists(leaf))
	require.NoError(t, tree.Remove(leaf), "gone is success")

	create()
	require.NoError(t, m.Mkdir(leaf+"/a"))
	require.NoError(t, m.Mkdir(leaf+"/a/b.scope"))
	require.NoError(t, m.Mkdir(leaf+"/c"))
	require.NoError(t, tree.Remove(leaf), "the service made folders, all empty")
	assert.False(t, m.Exists(leaf))

	create()
	require.NoError(t, m.Mkdir(leaf+"/a"))
	m.Texts[leaf+"/cgroup.events"] = "populated 1\nfrozen 0\n"
	err := tree.Remove(leaf)
	assert.True(t, IsBusy(err), "%v", err)
	assert.True(t, m.Exists(leaf+"/a"), "what is in use stays")

	m.Fail["rmdir "+leaf] = syscall.EACCES
	assert.EqualError(t, tree.Remove(leaf), "cannot remove the cgroup "+leaf+": permission denied")
}

func TestCloseNamesWhatIsLeft(t *testing.T) {
	m := newMachine("memory cpu pids")
	tree := probed(t, m)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, config.Limits{})
	require.NoError(t, err)
	m.process(55, "unkillable")
	require.NoError(t, tree.Attach(leaf, 55))
	m.Texts[leaf+"/cgroup.events"] = "populated 1\nfrozen 0\n"
	m.Fail["rmdir "+leaf] = syscall.EBUSY
	err = tree.Close()
	assert.ErrorContains(t, err, "cannot remove the cgroup "+leaf+`, which holds "unkillable" (pid 55): device or resource busy`)
	assert.ErrorContains(t, err, "cannot remove the cgroup "+tree.Path()+": device or resource busy")
	assert.Equal(t, "100\n", m.Texts[ownGroup+"/cgroup.procs"], "gosv is back all the same")
	assert.False(t, m.Exists(tree.Path()+"/supervisor"))
}
