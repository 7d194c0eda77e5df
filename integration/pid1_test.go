package integration

import (
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

// needsNamespaces skips a test where no PID namespace can be made.
func needsNamespaces(t *testing.T) *syscall.SysProcAttr {
	t.Helper()
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Unshareflags: syscall.CLONE_NEWNS}
	trial := exec.Command("sh", "-c", "mount -t proc proc /proc")
	trial.SysProcAttr = attr
	if out, err := trial.CombinedOutput(); err != nil {
		t.Skipf("no PID namespace can be made here: %v %s", err, out)
	}
	return attr
}

func TestPID1ReapsOrphansAndEndsByTerm(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		attr := needsNamespaces(t)
		const flood = `i=0; while [ $i -lt 50 ]; do (: &); i=$((i+1)); done; (setsid sleep 1000 &); echo flooded; exec sleep 1000`
		config := configFile(t, mode, program("a", "sh", "-c", flood), testproc("b", polite))
		g := launch{
			via:  []string{"sh", "-c", `mount -t proc proc /proc && exec "$0" "$@"`},
			args: []string{"--config", config}, attr: attr,
		}.start(t)
		g.prints("a | flooded")
		g.prints("b | ready")
		assert.Contains(t, g.dump(), "1: 2 services")
		eventually(t, "the orphans to be reaped", func() bool { return len(childrenOf(g.pid, 'Z')) == 0 })

		g.stop()
		assert.True(t, hasLine(g.stdout(), "b | bye"))
	})
}

// The PIDs in the /proc of another namespace belong to other processes.
func TestProcOfAnotherNamespaceIsReported(t *testing.T) {
	t.Parallel()
	attr := needsNamespaces(t)
	config := configFile(t, "auto", program("a", "sh", "-c", "setsid -f sleep 1000; echo ready; exec sleep 1000").with("stop_timeout", "1s"))
	g := launch{args: []string{"--config", config}, attr: attr}.start(t)
	g.prints("a | ready")
	const why = "/proc does not show this machine's processes: it shows another PID namespace"
	g.says("", why, 1)
	assert.NotEmpty(t, g.of("", "what leaves the process group of its service is not found, and outlives it"))
	assert.Len(t, g.of("", why), 1, "one sentence, once")
	assert.Contains(t, g.dump(), "is not shown: "+why)
	g.signal(syscall.SIGTERM)
	assert.Equal(t, 1, g.status(), "something lives on")
	assert.NotEmpty(t, g.of("", "cannot kill all processes; left: orphans that cannot be found"))
}
