package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/procfs"
)

func status(t *testing.T, pid int) procfs.Status {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	st, err := procfs.ParseStatus(text)
	require.NoError(t, err)
	return st
}

func TestServiceStartsWithThreeDescriptors(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		leak, err := os.Open("/dev/zero")
		require.NoError(t, err)
		defer leak.Close()
		config := configFile(t, mode, sleeper("a"), sleeper("b"))
		g := launch{args: []string{"--config", config}, extra: []*os.File{leak, leak}}.start(t)
		for _, name := range []string{"a", "b"} {
			open := settled(t, g.started(name, 1))
			assert.Equal(t, "/dev/null", open["0"])
			assert.Regexp(t, `^pipe:`, open["1"])
			assert.Regexp(t, `^pipe:`, open["2"])
			assert.Equal(t, open["1"], open["2"], "one pipe keeps the order of lines")
		}
	})
}

func TestServiceStartsWithNoSignalBlockedOrIgnored(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", sleeper("a"))
	st := status(t, g.started("a", 1))
	assert.Zero(t, st.Blocked)
	assert.Equal(t, inherited(t), st.Ignored)
}

// inherited lists the signals that the tests' parent ignored: gosv passes them on and
// adds none.
func inherited(t *testing.T) uint64 { return status(t, os.Getpid()).Ignored }

func TestServiceUnderNohupIgnoresOnlyHangup(t *testing.T) {
	t.Parallel()
	config := configFile(t, "off", sleeper("a"))
	g := launch{via: []string{"nohup"}, args: []string{"--config", config}}.start(t)
	st := status(t, g.started("a", 1))
	assert.Zero(t, st.Blocked)
	assert.Equal(t, inherited(t)|1<<(syscall.SIGHUP-1), st.Ignored)
	g.signal(syscall.SIGHUP)
	assert.NotContains(t, g.dump(), "HUP")
	assert.Empty(t, g.of("", "SIGHUP"), "gosv ignores it too")
}

func TestServiceLeadsASession(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, sleeper("a"))
		pid := g.started("a", 1)
		child, _ := stat(pid)
		assert.Equal(t, g.pid, child.Ppid)
		assert.Equal(t, pid, child.Pgrp)
		assert.Equal(t, pid, child.Session)
	})
}

func TestServiceEnvironmentExtendsGosvs(t *testing.T) {
	t.Parallel()
	config := configFile(t, "off", sleeper("a").with("env", map[string]string{"OVER": "own", "EMPTY": ""}))
	g := launch{args: []string{"--config", config}, env: []string{"OVER=gosv", "KEPT=gosv", "EMPTY=gosv", "GOSV_INVOCATION=outer"}}.start(t)
	first := g.started("a", 1)
	assert.Equal(t, []string{"own"}, variable(first, "OVER"))
	assert.Equal(t, []string{"gosv"}, variable(first, "KEPT"))
	assert.Equal(t, []string{""}, variable(first, "EMPTY"))

	invocation := variable(first, "GOSV_INVOCATION")
	require.Len(t, invocation, 1)
	assert.Regexp(t, "^outer/[^/]+$", invocation[0], "whose descendant it is")
	kill(t, first, syscall.SIGKILL)
	assert.NotEqual(t, invocation, variable(g.started("a", 2), "GOSV_INVOCATION"), "every incarnation has its own")
}

func TestDirIsRelativeToTheConfiguration(t *testing.T) {
	t.Parallel()
	config := configFile(t, "off", sleeper("a").with("dir", "sub"), program("b", "./here").with("dir", "sub"), sleeper("c"))
	sub := filepath.Join(filepath.Dir(config), "sub")
	require.NoError(t, os.Mkdir(sub, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(sub, "here"), []byte("#!/bin/sh\necho here; exec sleep 1000\n"), 0o755))
	g := launch{args: []string{"--config", config}}.start(t)
	for name, want := range map[string]string{"a": sub, "b": sub, "c": g.cmd.Dir} {
		got, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", g.started(name, 1)))
		require.NoError(t, err)
		assert.Equal(t, want, got, "the directory of service %s", name)
	}
	g.prints("b | here")
}

func TestRestartLeaksNoDescriptor(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		crowd := func(n int) (*gosv, int) {
			services := []service{}
			for i := range n {
				services = append(services, sleeper(letter(i)))
			}
			g := supervise(t, mode, services...)
			for i := range n {
				g.started(letter(i), 1)
			}
			return g, spent(descriptors(t, g.pid))
		}
		const few, many = 5, 25
		_, base := crowd(few)
		g, used := crowd(many)
		assert.LessOrEqual(t, used-base, 3*(many-few))

		for i := range many {
			kill(t, g.started(letter(i), 1), syscall.SIGKILL)
		}
		for i := range many {
			g.started(letter(i), 2)
		}
		// The pipes of a dead process are drained after its exit.
		var now map[string]string
		defer func() {
			if t.Failed() {
				t.Logf("gosv had spent %d descriptors, and has %d: %v", used, spent(now), now)
			}
		}()
		eventually(t, "gosv to have as many descriptors as before", func() bool {
			now = descriptors(t, g.pid)
			return spent(now) <= used
		})
	})
}

// spent counts the descriptors of services. /dev/null fills the slots of the threads
// that start services, whose number depends on how busy the machine is.
func spent(open map[string]string) (n int) {
	for _, target := range open {
		if target != "/dev/null" {
			n++
		}
	}
	return n
}
