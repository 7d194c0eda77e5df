package cgroupfs

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// delegated is a fake machine whose gosv owns the group /app.
func delegated() *fakesys.Kernel {
	all := []string{"memory", "cpu", "pids"}
	return fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Controllers: all, Enabled: all, Own: "/app", Delegated: "/app"}})
}

// spawn starts a script in a leaf of the fake and waits for its result.
func spawn(t *testing.T, k *fakesys.Kernel, leaf, script string) sys.Child {
	t.Helper()
	return spawnAs(t, k, 1, leaf, script)
}

func spawnAs(t *testing.T, k *fakesys.Kernel, id sys.SpawnID, leaf, script string) sys.Child {
	t.Helper()
	k.Spawn(sys.SpawnRequest{ID: id, Path: fakesys.TestprocPath, Args: []string{"testproc", script}, Cgroup: leaf})
	for range 100 {
		k.Wait(k.Now() + time.Second)
		if results := k.Spawned(); len(results) == 1 {
			require.NoError(t, results[0].Err)
			return results[0].Child
		}
	}
	t.Fatal("the start had no result within 100 s of the fake's time")
	return sys.Child{}
}

func TestOnTheFakeKernelALeafLivesAndDies(t *testing.T) {
	k := delegated()
	tree, findings := Probe(k, k.Pid(), systemdRoot)
	require.NotNil(t, tree, "%v", findings)
	require.Empty(t, findings)
	assert.Equal(t, []Controller{Memory, CPU, Pids}, tree.enabled)

	leaf := tree.LeafPath("web", 1)
	warnings, err := tree.Create(leaf, everyLimit)
	require.NoError(t, err)
	assert.Empty(t, warnings)
	child := spawn(t, k, leaf, "fork {ignore TERM; sleep forever}; sleep forever")
	k.Wait(k.Now() + time.Second)

	pids, err := tree.Procs(leaf)
	require.NoError(t, err)
	require.Len(t, pids, 2)
	assert.Contains(t, pids, child.Pid)
	assert.True(t, IsBusy(tree.Remove(leaf)))
	stats, err := tree.Stats(leaf)
	require.NoError(t, err)
	require.NotNil(t, stats.Memory)
	assert.EqualValues(t, 256<<20, stats.Memory.Max)
	assert.EqualValues(t, 200<<20, stats.Memory.High)
	require.NotNil(t, stats.Pids)
	assert.Equal(t, PidsStats{Current: 2, Max: 64}, *stats.Pids)
	kills, ok := tree.OOMKills(leaf)
	assert.True(t, ok)
	assert.Zero(t, kills)

	require.NoError(t, tree.Kill(leaf))
	for range 100 {
		if k.Wait(k.Now() + time.Second); empty(tree, leaf)() {
			break
		}
	}
	require.True(t, empty(tree, leaf)(), "killed")
	require.NoError(t, tree.Remove(leaf), "zombies do not hold a directory")
	require.NoError(t, tree.Close())
	_, err = k.ReadDir(tree.Path())
	assert.True(t, IsGone(err))
	groups, err := procfs.ReadCgroup(k, k.Pid())
	require.NoError(t, err)
	own, _ := procfs.Unified(groups)
	assert.Equal(t, "/app", own, "gosv is back where it was")
}

func TestOnTheFakeKernelAMainProcessIsMovedBack(t *testing.T) {
	k := delegated()
	tree, _ := Probe(k, k.Pid(), systemdRoot)
	require.NotNil(t, tree)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, everyLimit)
	require.NoError(t, err)
	child := spawn(t, k, leaf, "sleep 10s")
	holds := func(leaf string) bool {
		in, err := tree.Contains(leaf, child.Pid)
		require.NoError(t, err)
		return in
	}
	assert.True(t, holds(leaf))
	assert.False(t, holds(tree.LeafPath("web", 11)))
	below := leaf + "/below"
	require.NoError(t, k.Mkdir(below))
	require.NoError(t, tree.MoveIn(below, Limits{}, child.Pid))
	assert.True(t, holds(leaf), "the service may make directories of its own")
	require.NoError(t, k.Move(child.Pid, "/app/gosv/supervisor"))
	assert.False(t, holds(leaf))
	require.NoError(t, tree.Remove(leaf))
	require.NoError(t, k.Rmdir(servicePath(leaf)))

	require.NoError(t, tree.MoveIn(leaf, everyLimit, child.Pid))
	assert.True(t, holds(leaf), "the leaf was made again")
	limit, err := k.ReadFile(servicePath(leaf) + "/pids.max")
	require.NoError(t, err)
	assert.Equal(t, "64\n", string(limit), "with its limits")
	k.Wait(k.Now() + 20*time.Second)
	assert.True(t, holds(leaf), "a zombie shows where it was")
	_, _, err = k.Reap(child.Handle)
	require.NoError(t, err)
	_, err = tree.Contains(leaf, child.Pid)
	assert.ErrorIs(t, err, procfs.ErrGone)
	assert.ErrorIs(t, tree.MoveIn(leaf, everyLimit, child.Pid), syscall.ESRCH)
	k.Close(child.Handle)
	require.NoError(t, tree.Remove(leaf))
	require.NoError(t, tree.Close())
}

func TestOnTheFakeKernelWithoutDelegation(t *testing.T) {
	all := []string{"memory", "cpu", "pids"}
	tests := map[string]struct {
		cgroups *fakesys.Cgroups
		want    string
	}{
		"no cgroup2":    {nil, "no cgroup v2 file system is mounted"},
		"not delegated": {&fakesys.Cgroups{Controllers: all, Enabled: all, Own: "/app"}, "permission denied; this group is not delegated to gosv: start it with: systemd-run --scope"},
		"read-only":     {&fakesys.Cgroups{Controllers: all, Enabled: all, Own: "/app", Delegated: "/app", ReadOnly: true}, "read-only file system; this group is not delegated to gosv: start it with: systemd-run --scope"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{Cgroups: tt.cgroups})
			tree, findings := Probe(k, k.Pid(), systemdRoot)
			assert.Nil(t, tree)
			require.Len(t, findings, 1)
			assert.Contains(t, findings[0].Text, tt.want)
			assert.NotEmpty(t, findings.Unenforceable(Limits{PidsMax: 1}))
		})
	}
}

func TestOnTheFakeKernelWithoutCgroupKill(t *testing.T) {
	all := []string{"memory", "cpu", "pids"}
	k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Controllers: all, Enabled: all, Own: "/app", Delegated: "/app", NoKillFile: true}})
	tree, _ := Probe(k, k.Pid(), Options{})
	require.NotNil(t, tree)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, Limits{})
	require.NoError(t, err)
	assert.ErrorIs(t, tree.Kill(leaf), ErrNoKill)
	require.NoError(t, tree.Remove(leaf))
	require.NoError(t, tree.Kill(leaf), "gone is success")
	require.NoError(t, tree.Close())
}

func TestOnTheFakeKernelGosvStaysWhereAnotherNeedsTheControllers(t *testing.T) {
	k := delegated()
	tree, _ := Probe(k, k.Pid(), Options{})
	require.NotNil(t, tree)
	_, err := tree.Create(tree.LeafPath("web", 1), Limits{})
	require.NoError(t, err)
	const other = "/sys/fs/cgroup/app/other"
	require.NoError(t, k.Mkdir(other))
	require.NoError(t, k.WriteFile(other+"/cgroup.subtree_control", []byte("+memory")))

	require.NoError(t, tree.Close())
	assert.NotZero(t, k.Descriptors(), "gosv is still in the instance, so its lock is held until the process ends")
	entries, err := k.ReadDir(tree.Path())
	require.NoError(t, err)
	names := sys.EntryNames(entries)
	assert.NotContains(t, names, "web")
	assert.Contains(t, names, "supervisor")

	next := k.Crash()
	require.NoError(t, next.WriteFile(other+"/cgroup.subtree_control", []byte("-memory")))
	found, err := FindStaleInstances(next, next.Pid(), Options{})
	require.NoError(t, err)
	require.Equal(t, []string{tree.Path()}, paths(found))
	done, err := found[0].Reclaim(nil)
	require.NoError(t, err)
	assert.True(t, done)
}

// What cannot be killed keeps its directory. The next gosv recognises the stale instance
// and kills what is left in it as soon as that is possible.
func TestOnTheFakeKernelWhatCloseLeavesIsReclaimed(t *testing.T) {
	k := delegated()
	tree, _ := Probe(k, k.Pid(), Options{})
	require.NotNil(t, tree)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, Limits{})
	require.NoError(t, err)
	spawn(t, k, leaf, "block 1m; sleep forever")
	k.Wait(k.Now() + time.Second)
	require.NoError(t, tree.Kill(leaf))
	require.ErrorContains(t, tree.Close(), servicePath(leaf))

	next := k.Crash()
	found, err := FindStaleInstances(next, next.Pid(), Options{})
	require.NoError(t, err)
	require.Equal(t, []string{tree.Path()}, paths(found))
	done, err := found[0].Reclaim(nil)
	require.NoError(t, err)
	require.False(t, done, "it cannot be killed yet")
	next.Wait(next.Now() + 2*time.Minute)
	done, err = found[0].Reclaim(nil)
	require.NoError(t, err)
	assert.True(t, done)
	_, err = next.ReadDir(tree.Path())
	assert.True(t, IsGone(err))
}

func TestCloseTriesAgainWhereTheWayBackMayOpen(t *testing.T) {
	m := newMachine("memory cpu pids")
	tree := probed(t, m)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, Limits{})
	require.NoError(t, err)
	m.Fail["write "+ownGroup+"/cgroup.procs"] = syscall.EBUSY
	m.Fail["rmdir "+leaf] = syscall.EBUSY
	assert.ErrorContains(t, tree.Close(), "cannot move gosv back", "nothing is enabled any more")

	m.Texts[ownGroup+"/cgroup.subtree_control"] = "memory\n"
	m.Fail["write "+ownGroup+"/cgroup.subtree_control"] = syscall.EBUSY
	assert.ErrorContains(t, tree.Close(), leaf, "what is its own goes first")
	assert.True(t, m.Locked[tree.Path()])

	delete(m.Fail, "rmdir "+leaf)
	require.NoError(t, tree.Close())
	assert.True(t, m.Locked[tree.Path()], "gosv stays in the instance, so no other gosv may reclaim it yet")
}
