package cgroupfs

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func withLeaf(t *testing.T) (*machine, *Tree, string) {
	m := newMachine("memory cpu pids")
	tree := probed(t, m)
	leaf := tree.LeafPath("web", 1)
	_, err := tree.Create(leaf, Limits{})
	require.NoError(t, err)
	return m, tree, leaf
}

func TestPopulated(t *testing.T) {
	tests := map[string]struct {
		text              string
		populated, frozen bool
	}{
		"empty":            {"populated 0\nfrozen 0\n", false, false},
		"alive":            {"populated 1\nfrozen 0\n", true, false},
		"frozen":           {"populated 1\nfrozen 1\n", true, true},
		"before Linux 5.2": {"populated 1\n", true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, tree, leaf := withLeaf(t)
			m.Texts[leaf+"/cgroup.events"] = tt.text
			populated, frozen, err := tree.Populated(leaf)
			require.NoError(t, err)
			assert.Equal(t, [2]bool{tt.populated, tt.frozen}, [2]bool{populated, frozen})
		})
	}
	m, tree, leaf := withLeaf(t)
	for _, no := range []syscall.Errno{syscall.ENOENT, syscall.ENODEV} {
		m.Fail["read "+leaf+"/cgroup.events"] = no
		_, _, err := tree.Populated(leaf)
		assert.True(t, IsGone(err), "%v", err)
	}
	delete(m.Fail, "read "+leaf+"/cgroup.events")
	m.Texts[leaf+"/cgroup.events"] = "populated yes\n"
	_, _, err := tree.Populated(leaf)
	assert.EqualError(t, err, "cannot understand "+leaf+`/cgroup.events: the line "populated yes\n" is not a key and a number`)
}

func TestKill(t *testing.T) {
	m, tree, leaf := withLeaf(t)
	require.NoError(t, tree.Kill(leaf))
	assert.Equal(t, "1", m.Texts[leaf+"/cgroup.kill"])

	delete(m.Texts, leaf+"/cgroup.kill")
	assert.ErrorIs(t, tree.Kill(leaf), ErrNoKill, "the group is there, the file is not")
	require.NoError(t, tree.Freeze(leaf))
	frozen, err := tree.FreezeRequested(leaf)
	require.NoError(t, err)
	assert.True(t, frozen)
	assert.Equal(t, "1", m.Texts[leaf+"/cgroup.freeze"])
	require.NoError(t, tree.Thaw(leaf))
	assert.Equal(t, "0", m.Texts[leaf+"/cgroup.freeze"])

	require.NoError(t, tree.Remove(leaf))
	require.NoError(t, tree.Kill(leaf), "gone is success")
	assert.True(t, IsGone(tree.Freeze(leaf)))
	assert.EqualError(t, tree.Thaw(leaf), "cannot thaw the cgroup "+leaf+": no such file or directory")

	m, tree, leaf = withLeaf(t)
	m.Fail["write "+leaf+"/cgroup.kill"] = syscall.EOPNOTSUPP
	assert.EqualError(t, tree.Kill(leaf), "cannot kill the cgroup "+leaf+": operation not supported")
}

func TestProcs(t *testing.T) {
	m, tree, leaf := withLeaf(t)
	m.Texts[leaf+"/cgroup.procs"] = "30\n7\n0\n30\n"
	require.NoError(t, m.Mkdir(leaf+"/sub"))
	require.NoError(t, m.Mkdir(leaf+"/sub/deep"))
	require.NoError(t, m.Mkdir(leaf+"/threaded"))
	m.Texts[leaf+"/sub/deep/cgroup.procs"] = "8\n"
	m.Fail["read "+leaf+"/threaded/cgroup.procs"] = syscall.EOPNOTSUPP
	pids, err := tree.Procs(leaf)
	require.NoError(t, err)
	assert.Equal(t, []int{7, 8, 30}, pids)

	m.Texts[leaf+"/cgroup.stat"] = "nr_descendants 0\nnr_dying_descendants 3\n"
	m.Fail["readdir "+leaf] = syscall.EIO
	pids, err = tree.Procs(leaf)
	require.NoError(t, err)
	assert.Equal(t, []int{7, 30}, pids, "no directory below, none is looked for")

	m.Fail["read "+leaf+"/cgroup.procs"] = syscall.EOPNOTSUPP
	_, err = tree.Procs(leaf)
	assert.ErrorIs(t, err, syscall.EOPNOTSUPP, "reported")
	m.Fail["read "+leaf+"/cgroup.procs"] = syscall.ENODEV
	_, err = tree.Procs(leaf)
	assert.True(t, IsGone(err))
	delete(m.Fail, "read "+leaf+"/cgroup.procs")
	m.Texts[leaf+"/cgroup.procs"] = "x\n"
	_, err = tree.Procs(leaf)
	assert.ErrorContains(t, err, `the line "x\n" is not a PID`)
}
