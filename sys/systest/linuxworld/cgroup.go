package linuxworld

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Cgroup makes a fresh folder below the test's own cgroup and removes it, with
// all that lives in it, when the test is over. It skips the test where that is
// impossible.
func Cgroup(t *testing.T) string {
	t.Helper()
	own, err := ownCgroup()
	if err != nil {
		t.Skip("cgroups cannot be tested here: " + err.Error())
	}
	folder, err := os.MkdirTemp(own, "gosv-systest-")
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		t.Skipf("cgroups cannot be tested here, the test's own cgroup is not delegated to it: %v", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { remove(t, folder) })
	return folder
}

// ownCgroup is the folder of the test's cgroup in the cgroup v2 file system,
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

// remove kills what is left in a folder and removes it from the bottom up. The
// kernel may call a group busy for a moment after its last process is gone.
func remove(t *testing.T, folder string) {
	_ = os.WriteFile(filepath.Join(folder, "cgroup.kill"), []byte("1"), 0)
	var folders []string
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	limit := time.Now().Add(5 * time.Second)
	for i := len(folders) - 1; i >= 0; i-- {
		err := syscall.Rmdir(folders[i])
		for ; err == syscall.EBUSY && time.Now().Before(limit); err = syscall.Rmdir(folders[i]) {
			killMembers(folders[i])
			time.Sleep(time.Millisecond)
		}
		if err != nil && err != syscall.ENOENT {
			t.Errorf("the cgroup %s is left behind: %v", folders[i], err)
		}
	}
}

// killMembers ends those that cgroup.kill does not: processes whose first thread
// has ended.
func killMembers(folder string) {
	text, _ := os.ReadFile(filepath.Join(folder, "cgroup.procs"))
	for word := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
