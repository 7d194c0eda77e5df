package cgroupfs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/filestest"
)

func TestKernelHasTwoInstances(t *testing.T) {
	if !boxed(t, nil) {
		return
	}
	other := exec.Command("sleep", "600")
	require.NoError(t, other.Start())
	defer func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	}()
	first := onKernel(t)
	second, findings := Probe(filestest.Kernel{}, other.Process.Pid, Options{})
	require.NotNil(t, second, "%v", findings)
	assert.Equal(t, os.Getenv(boxVariable)+"/gosv", first.Path())
	assert.Equal(t, first.Path()+"-"+strconv.Itoa(other.Process.Pid), second.Path())
	assert.Empty(t, deadIn(t), "both live")
	require.NoError(t, second.Close())
	require.NoDirExists(t, second.Path())
}

// deadIn looks for the dead from a process in the box, as a gosv does before it
// moves.
func deadIn(t *testing.T) []*StaleInstance {
	t.Helper()
	box := os.Getenv(boxVariable)
	searcher := exec.Command("sleep", "600")
	require.NoError(t, startIn(box, searcher))
	defer func() {
		_ = searcher.Process.Kill()
		_ = searcher.Wait()
	}()
	found, err := FindStaleInstances(filestest.Kernel{}, searcher.Process.Pid, Options{})
	require.NoError(t, err)
	return found
}

// dyingVariable makes a process play a gosv that is killed.
const dyingVariable = "GOSV_TEST_DYING"

func TestKernelReclaimsADeadInstance(t *testing.T) {
	if !boxed(t, nil) {
		return
	}
	files := filestest.Kernel{}
	if os.Getenv(dyingVariable) != "" {
		dieWithAService(files, false)
	}
	pids := killedGosv(t)
	found, err := FindStaleInstances(files, os.Getpid(), Options{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	dead := found[0]
	assert.Equal(t, os.Getenv(boxVariable)+"/gosv", dead.Path)
	again, err := FindStaleInstances(files, os.Getpid(), Options{})
	require.NoError(t, err)
	assert.Empty(t, again, "who finds it holds its lock, and lives")
	reclaim(t, dead)
	assert.ElementsMatch(t, pids, dead.Killed)
	require.NoDirExists(t, dead.Path)

	tree := onKernel(t)
	assert.Equal(t, dead.Path, tree.Path(), "the name is free again, for a fresh directory")
	assert.Equal(t, 7, exitStatus(t, tree), "no spawn into it is killed")
}

// A living gosv that somebody moved out of its place looks like a dead one of which
// a child has the lock.
func TestKernelKnowsALivingGosvThatWasMoved(t *testing.T) {
	if !boxed(t, nil) {
		return
	}
	tree := onKernel(t)
	leafOf(t, tree, 1)
	require.NoError(t, os.WriteFile(os.Getenv(boxVariable)+"/cgroup.procs", []byte(strconv.Itoa(os.Getpid())), 0))
	assert.Empty(t, deadIn(t))
}

// A child that has not come to its exec has the descriptors of its gosv, and with
// them the lock, when that is killed.
func TestKernelReclaimsADeadInstanceWhoseLockAChildHas(t *testing.T) {
	if !boxed(t, nil) {
		return
	}
	files := filestest.Kernel{}
	if os.Getenv(dyingVariable) != "" {
		dieWithAService(files, true)
	}
	pids := killedGosv(t)
	found, err := FindStaleInstances(files, os.Getpid(), Options{})
	require.NoError(t, err)
	if len(found) == 0 {
		locker, err := files.LockOwner(os.Getenv(boxVariable) + "/gosv")
		require.NoError(t, err)
		require.Zero(t, locker, "it has ended")
		t.Skip("in a pid namespace of its own the kernel does not show the locker that has ended")
	}
	require.Len(t, found, 1)
	require.False(t, found[0].locked)
	reclaim(t, found[0])
	assert.ElementsMatch(t, pids, found[0].Killed)
	require.NoDirExists(t, found[0].Path)
}

// The same on a kernel without cgroup.kill, of which the file's mode makes one.
func TestKernelReclaimsADeadInstanceOneByOne(t *testing.T) {
	if !boxed(t, nil) {
		return
	}
	files := withoutKill{}
	if os.Getenv(dyingVariable) != "" {
		dieWithAService(filestest.Kernel{}, false)
	}
	pids := killedGosv(t)
	found, err := FindStaleInstances(files, os.Getpid(), Options{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	reclaim(t, found[0])
	assert.ElementsMatch(t, pids, found[0].Killed)
	require.NoDirExists(t, found[0].Path)
}

// withoutKill is Linux before 5.14.
type withoutKill struct{ filestest.Kernel }

func (k withoutKill) WriteFile(name string, data []byte) error {
	if strings.HasSuffix(name, "/cgroup.kill") {
		return syscall.ENOENT
	}
	return k.Kernel.WriteFile(name, data)
}

func reclaim(t *testing.T, dead *StaleInstance) {
	t.Helper()
	kill := func(pid int) {
		if dead.Contains(pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	until(t, func() bool {
		done, err := dead.Reclaim(kill)
		if err != nil && !errors.Is(err, syscall.EBUSY) {
			t.Error(err)
		}
		return done
	})
}

// killedGosv plays a gosv until it is killed, and gives the processes of the
// service that it leaves.
func killedGosv(t *testing.T) (pids []int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), dyingVariable+"=1")
	text, err := cmd.Output()
	require.ErrorContains(t, err, "signal: killed", "%s", text)
	for _, word := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(word)
		require.NoError(t, err, "%s", text)
		pids = append(pids, pid)
	}
	require.Len(t, pids, 2)
	return pids
}

// dieWithAService may leave the lock to the service.
func dieWithAService(files filestest.Kernel, heir bool) {
	tree, findings := Probe(files, os.Getpid(), Options{})
	if tree == nil {
		panic(fmt.Sprint(findings))
	}
	for generation := range uint64(2) {
		leaf := tree.LeafPath("web", generation)
		if _, err := tree.Create(leaf, Limits{}); err != nil {
			panic(err)
		}
		cmd := exec.Command("sleep", "600")
		if heir {
			cmd.ExtraFiles = opened(tree.Path())
		}
		if err := startIn(leaf, cmd); err != nil {
			panic(err)
		}
		fmt.Println(cmd.Process.Pid)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// opened gives what this process has opened by a name.
func opened(name string) (files []*os.File) {
	numbers, _ := os.ReadDir("/proc/self/fd")
	for _, n := range numbers {
		if to, _ := os.Readlink("/proc/self/fd/" + n.Name()); to == name {
			fd, _ := strconv.Atoi(n.Name())
			files = append(files, os.NewFile(uintptr(fd), name))
		}
	}
	return files
}

// exitStatus runs something in a fresh leaf that exits with 7.
func exitStatus(t *testing.T, tree *Tree) int {
	t.Helper()
	leaf, _ := makeLeaf(t, tree, "status", 1, Limits{})
	cmd := exec.Command("sh", "-c", "exit 7")
	require.NoError(t, startIn(leaf, cmd))
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode()
}

// Some kernels kill every process that is spawned from outside into a cgroup below one
// whose cgroup.kill was ever written.
func TestKernelWhoseGroupOfOursWasOnceKilled(t *testing.T) {
	killed := func(box string) {
		if err := (filestest.Kernel{}).WriteFile(box+"/cgroup.kill", []byte("1")); err != nil {
			t.Skipf("this kernel has no cgroup.kill: %v", err)
		}
	}
	if !boxed(t, killed) {
		return
	}
	tree := onKernel(t)
	if exitStatus(t, tree) == 7 {
		return // a fresh directory of gosv's own is enough
	}
	leaf, _ := makeLeaf(t, tree, "web", 1, Limits{})
	cmd := exec.Command("sleep", "600")
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Wait() }()
	require.NoError(t, move(tree, leaf, cmd), "moved in it lives")
	pids, err := tree.Procs(leaf)
	require.NoError(t, err)
	assert.Equal(t, []int{cmd.Process.Pid}, pids)
	require.NoError(t, tree.Kill(leaf))
}
