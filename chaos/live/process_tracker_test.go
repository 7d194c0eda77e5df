package live

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unmarked starts a shell in the place of a supervisor. Its child has no mark, like a
// program that overwrote its environment.
func unmarked(t *testing.T, child string) (pid int) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", child+" & echo $!; wait")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	_, err = fmt.Fscan(out, &pid)
	require.NoError(t, err)
	t.Cleanup(func() {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	})
	return pid
}

func TestMainProcessThatErasedItsMarkIsFound(t *testing.T) {
	o := observe(t, "k1", func(Process) bool { return false })
	pid := unmarked(t, "exec sleep 1000")
	assert.Empty(t, o.marked())
	o.addMain(pid, "web")
	lives := o.processes()
	require.Len(t, lives, 1)
	assert.Equal(t, "web", lives[0].Service)
	found := o.marked()
	require.Len(t, found, 1)
	assert.Equal(t, pid, found[0].Pid)
	require.NoError(t, o.kill(pid))
	eventually(t, "its end", func() bool { return o.processes()[0].ExitedAt > 0 })
}

func TestChildrenThatClearedTheMarkAreFound(t *testing.T) {
	o := observe(t, "k2", func(Process) bool { return false })
	pid := unmarked(t, "sh -c 'sleep 1000 & wait'")
	o.addMain(pid, "web")
	eventually(t, "the grandchild", func() bool { return len(o.marked()) == 2 })
	require.NoError(t, o.kill(pid))
	var left []Process
	eventually(t, "the end of its parent", func() bool { left = o.marked(); return len(left) == 1 })
	assert.Equal(t, "web", left[0].Service)
	require.NoError(t, o.kill(left[0].Pid))
}

func TestProcessesOutsideTheSupervisorAreNotAdopted(t *testing.T) {
	o := observe(t, "k3", func(Process) bool { return false })
	child := unmarked(t, "exec sleep 1000")
	parent, ok := readStat(child)
	require.True(t, ok)
	o.addMain(parent.Ppid, "web") // a child of this program: the supervisor itself
	o.addMain(1, "web")
	assert.Empty(t, o.processes())
	assert.Empty(t, o.marked())
}
