package integration

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/procfs"
)

// cgroupOf is the directory of a process's group in the cgroup v2 file system.
func cgroupOf(pid int) (string, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	mounts, err := procfs.ParseMountInfo(text)
	if err != nil {
		return "", err
	}
	if text, err = os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid)); err != nil {
		return "", err
	}
	groups, err := procfs.ParseCgroup(text)
	if err != nil {
		return "", err
	}
	own, ok := procfs.Unified(groups)
	for _, m := range mounts {
		if below, err := filepath.Rel(m.Root, own); ok && m.Type == "cgroup2" && err == nil && !strings.HasPrefix(below, "..") {
			return path.Join(m.Point, below), nil
		}
	}
	return "", errors.New("no cgroup v2 file system that shows the own group is mounted")
}

// newCgroup creates the cgroup in which a gosv is started. It is an error if there is
// no cgroup v2, or no permission.
func newCgroup(t *testing.T) (string, error) {
	own, err := cgroupOf(os.Getpid())
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(own, "gosv-test-")
	if err != nil {
		return "", err
	}
	t.Cleanup(func() { removeCgroups(dir) })
	return dir, nil
}

// needsCgroups skips a test on a machine without cgroup v2.
func needsCgroups(t *testing.T) (dir string) {
	t.Helper()
	dir, err := newCgroup(t)
	if err != nil {
		t.Skipf("cgroups cannot be tested here: %v", err)
	}
	return dir
}

// startIn starts gosv in a cgroup of its own, so that what it leaves behind
// can be seen.
func (g *gosv) startIn(dir string) {
	if dir == "" {
		var err error
		if dir, err = newCgroup(g.t); err != nil {
			return
		}
	}
	file, err := os.Open(dir)
	require.NoError(g.t, err)
	g.t.Cleanup(func() { _ = file.Close() })
	attr := syscall.SysProcAttr{}
	if g.cmd.SysProcAttr != nil {
		attr = *g.cmd.SysProcAttr
	}
	attr.UseCgroupFD, attr.CgroupFD = true, int(file.Fd())
	g.cmd.SysProcAttr, g.dir = &attr, dir
}

// directories lists the directories below one, the deepest first.
func dirs(dir string) (below []string) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != dir {
			below = append([]string{name}, below...)
		}
		return nil
	})
	return below
}

// removeCgroups kills the processes of a cgroup and removes it.
func removeCgroups(dir string) {
	_ = os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0)
	limit := time.Now().Add(patience)
	for _, f := range append(dirs(dir), dir) {
		for syscall.Rmdir(f) == syscall.EBUSY && time.Now().Before(limit) {
			time.Sleep(time.Millisecond)
		}
	}
}

// inBothModes runs a test with cgroups and without.
func inBothModes(t *testing.T, test func(t *testing.T, mode string)) {
	t.Parallel()
	t.Run("with cgroups", func(t *testing.T) {
		t.Parallel()
		needsCgroups(t)
		test(t, "require")
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		test(t, "off")
	})
}

func cgroupFile(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(text)
}
