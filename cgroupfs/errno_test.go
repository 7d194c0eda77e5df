package cgroupfs

import (
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the kernel may answer, and what comes of it. The calls are on a machine
// with a service web, which has a limit, and its generation 1.
func TestEveryErrno(t *testing.T) {
	const (
		instance = ownGroup + "/gosv"
		service  = instance + "/web"
		leaf     = service + "/1"
	)
	create := func(tree *Tree) error {
		_, err := tree.Create(tree.LeafPath("web", 2), Limits{PidsMax: 5})
		return err
	}
	remove := func(tree *Tree) error { return tree.Remove(leaf) }
	procs := func(tree *Tree) error { _, err := tree.Procs(leaf); return err }
	events := func(tree *Tree) error { _, _, err := tree.Populated(leaf); return err }
	kill := func(tree *Tree) error { return tree.Kill(leaf) }
	stats := func(tree *Tree) error { _, err := tree.Stats(leaf); return err }
	frozen := func(tree *Tree) error { _, err := tree.FreezeRequested(leaf); return err }
	freeze := func(tree *Tree) error { return tree.Freeze(leaf) }

	tests := []struct {
		asked string // of the kernel: a call that fails
		errno syscall.Errno
		do    func(*Tree) error
		want  string // in the error; "" is success
	}{
		// mkdir
		{"mkdir " + service + "/2", syscall.EEXIST, create, "cannot make the cgroup " + service + "/2: file exists"},
		{"mkdir " + service + "/2", syscall.EAGAIN, create, "a group above allows no further directory: see cgroup.max.depth and cgroup.max.descendants"},
		{"mkdir " + service + "/2", syscall.EACCES, create, "permission denied"},
		{"mkdir " + service + "/2", syscall.EROFS, create, "read-only file system"},
		{"mkdir " + service + "/2", syscall.ENOENT, create, "no such file or directory"}, // also after the service was made again
		// cgroup.subtree_control, and what goes beyond: see TestProbeSaysWhichControllerIsMissingAndWhy
		// rmdir
		{"rmdir " + leaf, syscall.EBUSY, remove, "device or resource busy"}, // try again when it is empty
		{"rmdir " + leaf, syscall.ENOENT, remove, ""},
		{"rmdir " + leaf, syscall.ENODEV, remove, ""},
		{"rmdir " + leaf, syscall.EACCES, remove, "cannot remove the cgroup " + leaf + ": permission denied"},
		// a group that vanishes
		{"read " + leaf + "/cgroup.events", syscall.ENOENT, events, "gone"},
		{"read " + leaf + "/cgroup.events", syscall.ENODEV, events, "gone"},
		{"read " + leaf + "/cgroup.procs", syscall.ENODEV, procs, "gone"},
		{"read " + leaf + "/cgroup.events", syscall.ENODEV, stats, "gone"},
		// a threaded group
		{"read " + leaf + "/cgroup.procs", syscall.EOPNOTSUPP, procs, "cannot list the processes of the cgroup " + leaf + ": operation not supported"},
		// cgroup.kill and cgroup.freeze
		{"read " + leaf + "/cgroup.freeze", syscall.EMFILE, frozen, "cannot find out whether the cgroup " + leaf + " is frozen: too many open files"},
		{"read " + leaf + "/cgroup.freeze", syscall.ENODEV, frozen, ""},
		{"read " + leaf + "/cgroup.freeze", syscall.ENOENT, frozen, ""},             // before Linux 5.2
		{"write " + leaf + "/cgroup.kill", syscall.ENOENT, kill, ErrNoKill.Error()}, // freeze, kill each, thaw
		{"write " + leaf + "/cgroup.kill", syscall.ERANGE, kill, "numerical result out of range"},
		{"write " + leaf + "/cgroup.kill", syscall.EOPNOTSUPP, kill, "operation not supported"},
		{"write " + leaf + "/cgroup.freeze", syscall.EMFILE, freeze, "cannot freeze the cgroup " + leaf + ": too many open files"},
		// limits: see TestCreateTriesAgainToSetALimitThatIsNotInForce
		{"read " + service + "/io.pressure", syscall.EOPNOTSUPP, stats, ""}, // booted with psi=0
	}
	for _, tt := range tests {
		t.Run(tt.asked[:strings.Index(tt.asked, " ")]+" "+tt.errno.Error()+": "+tt.want, func(t *testing.T) {
			m := newMachine("memory cpu pids")
			m.leafFiles = limitFiles
			tree := probed(t, m)
			_, err := tree.Create(tree.LeafPath("web", 1), Limits{PidsMax: 5})
			require.NoError(t, err)
			require.Equal(t, leaf, tree.LeafPath("web", 1))
			m.Fail[tt.asked] = tt.errno
			err = tt.do(tree)
			switch tt.want {
			case "":
				assert.NoError(t, err)
			case "gone":
				assert.True(t, IsGone(err), "%v", err)
			default:
				assert.ErrorContains(t, err, tt.want)
			}
		})
	}
}

// A freeze may never be complete, where a process is in uninterruptible sleep:
// nothing here waits for it.
func TestAFreezeThatNeverCompletesDelaysNothing(t *testing.T) {
	m, tree, leaf := withLeaf(t)
	m.Texts[leaf+"/cgroup.procs"] = "55\n"
	m.Texts[leaf+"/cgroup.events"] = "populated 1\nfrozen 0\n"
	require.NoError(t, tree.Freeze(leaf))
	_, frozen, err := tree.Populated(leaf)
	require.NoError(t, err)
	assert.False(t, frozen)
	pids, err := tree.Procs(leaf)
	require.NoError(t, err)
	assert.Equal(t, []int{55}, pids)
	require.NoError(t, tree.Thaw(leaf))
}
