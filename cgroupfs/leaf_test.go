package cgroupfs

import (
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var everyLimit = Limits{MemoryMax: 256 << 20, MemoryHigh: 200 << 20, CPUQuota: 50 * CPUPeriod / 100, CPUWeight: 300, PidsMax: 64}

var limitFiles = map[string]string{"memory.max": "max\n", "memory.high": "max\n", "memory.oom.group": "0\n",
	"cpu.max": "max 100000\n", "cpu.weight": "100\n", "pids.max": "max\n"}

func TestCreateWritesTheLimits(t *testing.T) {
	m := newMachine("memory cpu pids")
	m.leafFiles = limitFiles
	tree := probed(t, m)
	leaf := tree.LeafPath("web", 7)
	service := tree.Path() + "/web"
	assert.Equal(t, service+"/7", leaf)
	assert.Equal(t, leaf+"/cgroup.events", tree.EventsPath(leaf))

	warnings, err := tree.Create(leaf, everyLimit)
	require.NoError(t, err)
	assert.Empty(t, warnings)
	assert.Empty(t, cmp.Diff([]string{
		"mkdir " + service,
		"write " + service + "/memory.max 268435456",
		"write " + service + "/memory.high 209715200",
		"write " + service + "/cpu.max 50000 100000",
		"write " + service + "/cpu.weight 300",
		"write " + service + "/pids.max 64",
		"write " + service + "/memory.oom.group 1",
		"mkdir " + leaf,
	}, m.Calls))

	m.Calls = nil
	_, err = tree.Create(tree.LeafPath("web", 8), everyLimit)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff([]string{"mkdir " + service + "/8"}, m.Calls), "the limits stand")

	m.Calls = nil
	_, err = tree.Create(tree.LeafPath("a", 1), Limits{CPUQuota: 1 * CPUPeriod / 100})
	require.NoError(t, err)
	_, err = tree.Create(tree.LeafPath("b", 1), Limits{CPUQuota: 250 * CPUPeriod / 100})
	require.NoError(t, err)
	a, b := tree.Path()+"/a", tree.Path()+"/b"
	assert.Empty(t, cmp.Diff([]string{
		"mkdir " + a, "write " + a + "/cpu.max 1000 100000", "write " + a + "/memory.oom.group 1", "mkdir " + a + "/1",
		"mkdir " + b, "write " + b + "/cpu.max 250000 100000", "write " + b + "/memory.oom.group 1", "mkdir " + b + "/1",
	}, m.Calls), "no limit, no write, but the OOM killer always takes all")
}

func TestCreateMakesTheServiceAgainIfSomebodyRemovedIt(t *testing.T) {
	m := newMachine("memory cpu pids")
	m.leafFiles = limitFiles
	tree := probed(t, m)
	first := tree.LeafPath("web", 1)
	_, err := tree.Create(first, Limits{PidsMax: 5})
	require.NoError(t, err)
	require.NoError(t, tree.Remove(first))
	require.NoError(t, m.Rmdir(tree.Path()+"/web"))
	_, err = tree.Create(tree.LeafPath("web", 2), Limits{PidsMax: 5})
	require.NoError(t, err)
	assert.Equal(t, "5", m.Texts[tree.Path()+"/web/pids.max"])
}

func TestCreateTriesAgainToSetALimitThatIsNotInForce(t *testing.T) {
	m := newMachine("memory cpu pids")
	m.leafFiles = limitFiles
	tree := probed(t, m)
	file := tree.Path() + "/web/pids.max"
	m.Fail["write "+file] = syscall.EMFILE
	for generation := range uint64(2) {
		warnings, err := tree.Create(tree.LeafPath("web", generation), Limits{PidsMax: 5})
		require.NoError(t, err)
		assert.Len(t, warnings, 1, "generation %d must not be thought limited", generation)
	}
	delete(m.Fail, "write "+file)
	warnings, err := tree.Create(tree.LeafPath("web", 2), Limits{PidsMax: 5})
	require.NoError(t, err)
	assert.Empty(t, warnings)
	assert.Equal(t, "5", m.Texts[file])
}

func TestAServiceMayBeCalledSupervisor(t *testing.T) {
	m := newMachine("")
	tree, _ := Probe(m, gosv, Options{})
	leaf := tree.LeafPath("supervisor", 1)
	assert.Equal(t, tree.Path()+"/+supervisor/1", leaf)
	assert.Equal(t, "the cpuset controller was not enabled when gosv started; start gosv again", tree.limit(tree.Path(), Limits{CPUs: "0"})[0].Reason)
	assert.Equal(t, tree.Path()+"/web+2/1", tree.LeafPath("web/2", 1), "the directory of an instance is beside those of other services")
	_, err := tree.Create(leaf, Limits{})
	require.NoError(t, err)
	require.NoError(t, tree.Close())
	assert.False(t, m.Exists(tree.Path()))
}

func TestCreateWarnsOfEachLimitThatIsNotInForce(t *testing.T) {
	m := newMachine("cpu pids")
	m.leafFiles = map[string]string{"cpu.max": "", "pids.max": ""}
	tree, findings := Probe(m, gosv, Options{})
	require.NotNil(t, tree)
	leaf := tree.LeafPath("web", 1)
	service := servicePath(leaf)
	m.Fail["write "+service+"/pids.max"] = syscall.EINVAL
	unset, err := tree.Create(leaf, everyLimit)
	require.NoError(t, err)
	const why = " is not in force: the memory controller is not available: the groups above do not hand it down to " + ownGroup +
		"; write +memory to cgroup.subtree_control of each group above it, from /sys/fs/cgroup down"
	assert.Equal(t, []string{
		"memory.max" + why,
		"memory.high" + why,
		"cpu.weight is not in force: cannot write \"300\" to " + service + "/cpu.weight: no such file or directory",
		"pids.max is not in force: cannot write \"64\" to " + service + "/pids.max: invalid argument",
	}, sentences(unset))
	assert.ErrorIs(t, unset[3].Err, syscall.EINVAL)
	assert.Equal(t, unset[:2], findings.Unenforceable(everyLimit), "the same words")
	assert.Empty(t, findings.Unenforceable(Limits{}))

	m = newMachine("memory")
	m.leafFiles = map[string]string{"memory.max": ""}
	tree, _ = Probe(m, gosv, Options{})
	leaf = tree.LeafPath("web", 1)
	unset, err = tree.Create(leaf, Limits{MemoryMax: 1})
	require.NoError(t, err)
	assert.Equal(t, []string{"memory.oom.group is not in force: cannot write \"1\" to " + servicePath(leaf) +
		"/memory.oom.group: no such file or directory"}, sentences(unset))
}

func sentences(unset []Unset) (all []string) {
	for _, u := range unset {
		all = append(all, u.String())
	}
	return all
}

func TestEveryLimitIsWrittenInItsUnit(t *testing.T) {
	m := newMachine("memory cpu pids io cpuset hugetlb")
	m.leafFiles = map[string]string{"memory.swap.max": "", "cpu.max": "", "cpuset.cpus": "", "cpuset.mems": "", "io.weight": "", "io.max": "", "hugetlb.2MB.max": "", "memory.oom.group": ""}
	zero := Bytes(0)
	limits := Limits{SwapMax: &zero, CPUQuota: CPUPeriod / 2, CPUs: "0-3,8", MemNodes: "0", IOWeight: 50,
		IOMax: []IOMax{{Device: "8:0", ReadBPS: 1 << 20, WriteIOPS: 100}}, HugeTLBMax: map[string]Bytes{"2MB": 4 << 20}}
	assert.Equal(t, []Controller{Memory, CPU, CPUSet, IO, HugeTLB}, limits.Controllers())
	tree, findings := Probe(m, gosv, Options{Controllers: limits.Controllers()})
	require.NotNil(t, tree)
	require.Empty(t, findings)
	m.Calls = nil
	unset, err := tree.Create(tree.LeafPath("db", 1), limits)
	require.NoError(t, err)
	require.Empty(t, unset)
	db := tree.Path() + "/db"
	assert.Empty(t, cmp.Diff([]string{
		"mkdir " + db,
		"write " + db + "/memory.swap.max 0",
		"write " + db + "/cpu.max 50000 100000",
		"write " + db + "/cpuset.cpus 0-3,8",
		"write " + db + "/cpuset.mems 0",
		"write " + db + "/io.weight default 50",
		"write " + db + "/io.max 8:0 rbps=1048576 wiops=100",
		"write " + db + "/hugetlb.2MB.max 4194304",
		"write " + db + "/memory.oom.group 1",
		"mkdir " + db + "/1",
	}, m.Calls))
}

func TestAKernelWithoutSwapNeedsNoSwapLimit(t *testing.T) {
	m := newMachine("memory")
	m.leafFiles = map[string]string{"memory.max": "", "memory.oom.group": ""} // no memory.swap.max
	tree, _ := Probe(m, gosv, Options{})
	zero := Bytes(0)
	unset, err := tree.Create(tree.LeafPath("web", 1), Limits{MemoryMax: 1, SwapMax: &zero})
	require.NoError(t, err)
	assert.Empty(t, sentences(unset))
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
		if no != syscall.EEXIST {
			m.Fail["mkdir "+servicePath(tree.LeafPath("other", 1))] = no
			_, err = tree.Create(tree.LeafPath("other", 1), everyLimit)
			assert.ErrorIs(t, err, no)
		}
	}
	m := newMachine("memory cpu pids")
	tree := probed(t, m)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, Limits{})
	require.NoError(t, err)
	_, err = tree.Create(leaf, Limits{})
	assert.ErrorIs(t, err, syscall.EEXIST, "a generation has one leaf")
}

func TestRemove(t *testing.T) {
	m := newMachine("")
	tree, _ := Probe(m, gosv, Options{})
	leaf := tree.LeafPath("web", 1)
	create := func() {
		_, err := tree.Create(leaf, Limits{})
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
	require.NoError(t, tree.Remove(leaf), "the service made directories, all empty")
	assert.False(t, m.Exists(leaf))

	create()
	require.NoError(t, m.Mkdir(leaf+"/a"))
	m.Texts[leaf+"/cgroup.events"] = "populated 1\nfrozen 0\n"
	m.process(55, "sh")
	m.wrote(leaf+"/cgroup.procs", "55")
	m.Fail["read /proc/55/stat"] = syscall.EIO
	err := tree.Remove(leaf)
	assert.True(t, IsBusy(err), "%v", err)
	assert.EqualError(t, err, "cannot remove the cgroup "+leaf+": device or resource busy", "a retry reads no /proc")
	assert.True(t, m.Exists(leaf+"/a"), "what is in use stays")

	m.Fail["rmdir "+leaf] = syscall.EACCES
	assert.EqualError(t, tree.Remove(leaf), "cannot remove the cgroup "+leaf+": permission denied")
}

func TestCloseNamesWhatIsLeft(t *testing.T) {
	m := newMachine("memory cpu pids")
	tree := probed(t, m)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, Limits{})
	require.NoError(t, err)
	m.process(55, "unkillable")
	m.wrote(leaf+"/cgroup.procs", "55")
	m.Texts[leaf+"/cgroup.events"] = "populated 1\nfrozen 0\n"
	m.Fail["rmdir "+leaf] = syscall.EBUSY
	err = tree.Close()
	assert.ErrorContains(t, err, "cannot remove the cgroup "+leaf+`, which holds PID 55 (unkillable): device or resource busy`)
	assert.Equal(t, "100\n", m.Texts[ownGroup+"/cgroup.procs"], "gosv is back all the same")
	assert.True(t, m.Exists(tree.Path()+"/supervisor"), "by it the next gosv recognises a stale instance")
}
