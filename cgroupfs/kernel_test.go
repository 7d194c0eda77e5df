package cgroupfs

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/filestest"
)

// onKernel probes the real machine and closes at the end, after which nothing of
// it is left.
func onKernel(t *testing.T) *Tree {
	_, systemd := os.Stat("/run/systemd/system")
	tree, findings := Probe(filestest.Kernel{}, os.Getpid(), Options{Systemd: systemd == nil, UID: os.Geteuid(), Command: os.Args[:1]})
	for _, finding := range findings {
		t.Log(finding)
		assert.NotContains(t, finding.Text, "%!")
	}
	if tree == nil {
		t.Skipf("no cgroups of our own here: %v", findings)
	}
	t.Cleanup(func() {
		assert.NoError(t, tree.Close())
		_, err := os.Stat(tree.Path())
		assert.ErrorIs(t, err, os.ErrNotExist)
	})
	return tree
}

// makeLeaf makes a leaf that ends with the test, with all that is in it.
func makeLeaf(t *testing.T, tree *Tree, service string, generation uint64, l Limits) (leaf string, unset []Unset) {
	leaf = tree.LeafPath(service, generation)
	unset, err := tree.Create(leaf, l)
	require.NoError(t, err)
	t.Cleanup(func() {
		if tree.Kill(leaf) != nil {
			pids, _ := tree.Procs(leaf)
			for _, pid := range pids {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		until(t, func() bool { return tree.Remove(leaf) == nil })
	})
	return leaf, unset
}

// leafOf makes a leaf with two processes in it that live until they are killed.
func leafOf(t *testing.T, tree *Tree, generation uint64) (leaf string, cmd *exec.Cmd) {
	leaf, _ = makeLeaf(t, tree, "web", generation, Limits{})
	cmd = exec.Command("sh", "-c", "sleep 600 & wait")
	require.NoError(t, startIn(leaf, cmd))
	t.Cleanup(func() { // at an early end; everything is over already otherwise
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	until(t, func() bool { pids, err := tree.Procs(leaf); return err == nil && len(pids) == 2 })
	return leaf, cmd
}

// startIn starts a command in a leaf.
func startIn(leaf string, cmd *exec.Cmd) error {
	dir, err := os.Open(leaf)
	if err != nil {
		return err
	}
	defer dir.Close()
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(dir.Fd())}
	return cmd.Start()
}

// until waits for a fact that the kernel makes true by itself.
func until(t *testing.T, fact func() bool) {
	t.Helper()
	require.Eventually(t, fact, 20*time.Second, time.Millisecond)
}

func empty(tree *Tree, leaf string) func() bool {
	return func() bool { populated, _, err := tree.Populated(leaf); return err == nil && !populated }
}

func TestKernelKillsAWholeLeaf(t *testing.T) {
	if !boxed(t, nil) {
		return
	}
	tree := onKernel(t)
	leaf, cmd := leafOf(t, tree, 1)
	populated, frozen, err := tree.Populated(leaf)
	require.NoError(t, err)
	assert.True(t, populated)
	assert.False(t, frozen)
	assert.True(t, IsBusy(tree.Remove(leaf)))

	require.NoError(t, tree.Freeze(leaf))
	until(t, func() bool { _, frozen, err := tree.Populated(leaf); return err == nil && frozen })
	stats, err := tree.Stats(leaf)
	require.NoError(t, err)
	require.NotNil(t, stats.CPU)
	assert.Equal(t, tree.Has(Memory), stats.Memory != nil)
	assert.Equal(t, tree.Has(Pids), stats.Pids != nil)

	if err := tree.Kill(leaf); err != nil {
		require.ErrorIs(t, err, ErrNoKill)
		t.Skip("this kernel has no cgroup.kill")
	}
	_ = cmd.Wait()
	until(t, empty(tree, leaf))
	until(t, func() bool { return tree.Remove(leaf) == nil })
	require.NoError(t, tree.Kill(leaf), "gone is success")
	_, err = tree.Procs(leaf)
	assert.True(t, IsGone(err))
	_, err = tree.Stats(leaf)
	assert.True(t, IsGone(err))
}

func TestKernelWithoutCgroupKill(t *testing.T) {
	if !boxed(t, nil) {
		return
	}
	tree := onKernel(t)
	leaf, cmd := leafOf(t, tree, 1)
	require.NoError(t, tree.Freeze(leaf))
	until(t, func() bool { _, frozen, err := tree.Populated(leaf); return err == nil && frozen })
	pids, err := tree.Procs(leaf)
	require.NoError(t, err)
	require.Len(t, pids, 2)
	for _, pid := range pids {
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	}
	require.NoError(t, tree.Thaw(leaf))
	_ = cmd.Wait()
	until(t, empty(tree, leaf))
}

func TestKernelAttachesAndRemovesDirsOfTheService(t *testing.T) {
	if !boxed(t, nil) {
		return
	}
	tree := onKernel(t)
	first, cmd := leafOf(t, tree, 1)
	second, unset := makeLeaf(t, tree, "other", 1, everyLimit)
	wanted := 0
	for _, limit := range everyLimit.Settings() {
		if !tree.Has(limit.Controller) {
			wanted++
		}
	}
	assert.Len(t, unset, wanted, "%v", unset)
	_, err := tree.Create(second, Limits{})
	assert.ErrorIs(t, err, syscall.EEXIST)

	require.NoError(t, os.MkdirAll(second+"/a/b.scope", 0o755))
	require.NoError(t, move(tree, second+"/a/b.scope", cmd))
	pids, err := tree.Procs(second)
	require.NoError(t, err)
	assert.Contains(t, pids, cmd.Process.Pid, "also in a directory of its own")
	require.NoError(t, move(tree, first, cmd))
	until(t, func() bool { return tree.Remove(second) == nil })
}

// move moves a process, as a child of gosv does by itself before its program runs.
func move(tree *Tree, group string, cmd *exec.Cmd) error {
	return tree.write(group, "cgroup.procs", strconv.Itoa(cmd.Process.Pid))
}
