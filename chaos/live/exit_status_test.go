package live

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
)

func TestStatusOfAWaitStatus(t *testing.T) {
	assert.Equal(t, chaos.ExitStatus{Known: true, Code: 3}, statusOf(3<<8))
	assert.Equal(t, chaos.ExitStatus{Known: true, Signal: syscall.SIGSEGV}, statusOf(11|0x80), "with a core dump")
	assert.Equal(t, chaos.ExitStatus{}, statusOf(0x137f), "stopped")
}

// The kernel reports the status once the process is reaped, and not before.
func TestObserverKnowsHowAProcessEnded(t *testing.T) {
	o := observe(t, "status", everyone)
	cmd := start(t, "status", "web", ready)
	pid := cmd.Process.Pid
	fd, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)
	defer unix.Close(fd)
	eventually(t, "the record", func() bool { return len(o.processes()) == 1 })
	require.NoError(t, cmd.Process.Kill())
	eventually(t, "the exit", func() bool { return o.processes()[0].ExitedAt > 0 })
	assert.False(t, o.processes()[0].Exit.Known, "it is not reaped yet")
	_ = cmd.Wait()
	if status, _ := exitStatus(fd); !status.Known {
		t.Skip("this kernel does not report exit statuses by pidfd (Linux 6.15 does)")
	}
	eventually(t, "the status", func() bool { return o.processes()[0].Exit.Known })
	assert.Equal(t, chaos.ExitStatus{Known: true, Signal: syscall.SIGKILL}, o.processes()[0].Exit)
}
