package linuxworld

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// prefix begins the names of the directories that tests make.
const prefix = "gosv-systest-"

// Cgroup makes a fresh directory below the test's own cgroup and removes it, with
// all that lives in it, when the test is over. It skips the test where that is
// impossible.
func Cgroup(t *testing.T) string {
	t.Helper()
	dir, err := NewCgroup(t)
	if err != nil {
		t.Skip("cgroups cannot be tested here: " + err.Error())
	}
	return dir
}

// NewCgroup is Cgroup for a test that can do without: the error says why there is
// no directory. What test programs left that were killed is removed first.
func NewCgroup(t *testing.T) (string, error) {
	t.Helper()
	own, err := ownCgroup()
	if err != nil {
		return "", err
	}
	sweep.Do(func() { removeDead(own) })
	dir, lock, err := makeLocked(own)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return "", fmt.Errorf("the test's own cgroup is not delegated to it: %w", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := remove(dir); err != nil {
			t.Errorf("a cgroup is left behind: %v", err)
		}
		_ = lock.Close()
	})
	return dir, nil
}

// ownCgroup is the directory of the test's cgroup in the cgroup v2 file system,
// which may be mounted beside v1.
func ownCgroup() (string, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	path, ok := cutLine(string(groups), "0::")
	if !ok {
		return "", errors.New("the kernel has no cgroup v2")
	}
	for line := range strings.Lines(string(mounts)) {
		// proc_pid_mountinfo(5): ID, parent, device, root, mount point ... - type
		place, kind, _ := strings.Cut(line, " - ")
		fields := strings.Fields(place)
		if !strings.HasPrefix(kind, "cgroup2 ") || len(fields) < 5 {
			continue
		}
		below, err := filepath.Rel(fields[3], path)
		if err == nil && !strings.HasPrefix(below, "..") {
			return filepath.Join(fields[4], below), nil
		}
	}
	return "", errors.New("no cgroup2 file system that shows the test's own cgroup is mounted")
}

func cutLine(text, prefix string) (rest string, found bool) {
	for line := range strings.Lines(text) {
		if rest, found = strings.CutPrefix(strings.TrimSuffix(line, "\n"), prefix); found {
			return rest, true
		}
	}
	return "", false
}
