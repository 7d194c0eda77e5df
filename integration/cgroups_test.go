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

// ownCgroup is the folder of the test's own group.
func ownCgroup() (string, error) { return cgroupOf(os.Getpid()) }

// cgroupOf is the folder of a process's group in the cgroup v2 file system.
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

// newCgroup makes a folder beside those of gosv; without cgroup v2, or without
// the right to it, the test is skipped.
func newCgroup(t *testing.T) string {
	t.Helper()
	own, err := ownCgroup()
	if err != nil {
		t.Skipf("cgroups cannot be tested: %v", err)
	}
	folder, err := os.MkdirTemp(own, "gosv-test-")
	if err != nil {
		t.Skipf("cgroups cannot be tested: %v", err)
	}
	t.Cleanup(func() { removeCgroups(folder) })
	return folder
}

// removeCgroups kills what is in a folder and removes it.
func removeCgroups(folder string) {
	_ = os.WriteFile(filepath.Join(folder, "cgroup.kill"), []byte("1"), 0)
	var folders []string
	_ = filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			folders = append([]string{name}, folders...)
		}
		return nil
	})
	limit := time.Now().Add(patience)
	for _, f := range folders {
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
		removeCgroups(newCgroup(t))
		test(t, "require")
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		test(t, "off")
	})
}

func cgroupFile(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return string(text)
}
