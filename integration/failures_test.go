package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestFailedStartNamesItsStepAndAffectsNoOtherService(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	require.NoError(t, os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644))
	script := filepath.Join(t.TempDir(), "script")
	require.NoError(t, os.WriteFile(script, []byte("#!/no/such/interpreter\n"), 0o755))
	for name, c := range map[string]struct {
		bad  service
		want []string
	}{
		"a name that is not in PATH": {program("bad", "no-such-program-here"), []string{"lookup", "no-such-program-here"}},
		"a path to nothing":          {program("bad", "/no/such/program"), []string{"exec /no/such/program", "no such file"}},
		"a file without permission":  {program("bad", plain), []string{"exec " + plain, "permission denied"}},
		"a missing interpreter":      {program("bad", script), []string{"exec " + script, "/no/such/interpreter"}},
		"a missing directory":        {sleeper("bad").with("dir", "/no/such/directory"), []string{"chdir /no/such/directory", "no such file"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBothModes(t, func(t *testing.T, mode string) {
				g := supervise(t, mode, sleeper("good"), c.bad.with("max_restarts", 1))
				end := g.says("bad", "failed: ", 1)
				for _, want := range c.want {
					assert.Contains(t, end.Msg, want)
				}
				assert.Len(t, g.of("bad", "restart 1 of 1"), 1, "it counts like an exit")
				assert.True(t, alive(g.started("good", 1)))
				g.stop()
			})
		})
	}
}

// copyOf copies a program, so that no other process executes the copy.
func copyOf(t *testing.T, program string) string {
	t.Helper()
	from, err := exec.LookPath(program)
	require.NoError(t, err)
	text, err := os.ReadFile(from)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), program)
	require.NoError(t, os.WriteFile(name, text, 0o755))
	return name
}

// lease makes an execve(2) of the file wait until release is called (F_SETLEASE of
// fcntl(2)). The kernel refuses it while the descriptor with which copyOf wrote the
// file is still open in a child of another test that is about to exec.
func lease(t *testing.T, name string) (release func()) {
	t.Helper()
	holder, err := os.OpenFile(name, os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = holder.Close() })
	eventually(t, "the lease", func() bool {
		_, err := unix.FcntlInt(holder.Fd(), unix.F_SETLEASE, unix.F_WRLCK)
		return err == nil
	})
	return func() {
		_, err := unix.FcntlInt(holder.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
		assert.NoError(t, err)
		assert.NoError(t, holder.Close())
	}
}

func TestProgramThatGoesToTheBackgroundIsReported(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, program("daemon", "sh", "-c", "sleep 1000 & exit 0").with("restart", "on-failure"), sleeper("other"))
		g.says("daemon", "it has put itself into the background", 1)
		g.stop()
	})
}

func TestSecondGosvOnTheSameConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	file := configFile(t, "off", sleeper("a"))
	first := launch{args: []string{"--config", file}}.start(t)
	first.started("a", 1)
	second := launch{args: []string{"--config", file}}.start(t)
	assert.Equal(t, 1, second.status())
	assert.Contains(t, second.stderr(), fmt.Sprintf("another gosv (PID %d) already runs the services of %s", first.pid, file))
	first.stop()
	third := launch{args: []string{"--config", file}}.start(t)
	third.started("a", 1)
	third.stop()
}

func TestProgramBeingWrittenIsRetriedAndNotCounted(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		busy := copyOf(t, "sleep")
		writer, err := os.OpenFile(busy, os.O_WRONLY, 0)
		require.NoError(t, err)
		g := supervise(t, mode, program("a", busy, "1000").with("max_restarts", 1))
		g.says("a", "text file busy", 3)
		g.says("a", "trying again", 3)

		require.NoError(t, writer.Close())
		g.started("a", 1)
		assert.Contains(t, g.dump(), "restarts 0 in all, attempt 0")
	})
}

func TestHungStartDelaysNoOtherService(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		leased := copyOf(t, "sleep")
		release := lease(t, leased)

		services := []service{}
		for _, name := range []string{"hung1", "hung2", "hung3", "hung4"} {
			services = append(services, program(name, leased, "1000").with("start_timeout", "1500ms").delays("100ms"))
		}
		for i := range 10 {
			services = append(services, sleeper(letter(i)))
		}
		g := supervise(t, mode, services...)
		for i := range 10 {
			g.started(letter(i), 1)
		}
		assert.Empty(t, g.of("hung1", ""), "the others did not wait for the end of the hung ones")
		g.says("hung4", "the start took longer than start_timeout (1.5s)", 1)

		release()
		for _, name := range []string{"hung1", "hung2", "hung3", "hung4"} {
			g.started(name, 1)
		}
		g.stop()
	})
}

func TestHungStartDoesNotDelayShutdown(t *testing.T) {
	t.Parallel()
	leased := copyOf(t, "sleep")
	defer lease(t, leased)()
	g := supervise(t, "off", program("a", leased, "1000").with("stop_timeout", "200ms"), sleeper("b"))
	g.started("b", 1)
	g.stop()
}
