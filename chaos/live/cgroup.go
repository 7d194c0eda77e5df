package live

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gosv/gosv/procfs"
)

// privateCgroup is a cgroup v2 directory for one run, below this program's own cgroup, so
// that the supervisor meets no other supervisor there. It is nil on a machine that does
// not allow it.
type privateCgroup struct {
	dir string
	*delegation
}

// privateName returns the directory of the cgroup of a run, or "" if there can be none.
func privateName(run string) string {
	own, ok := cgroupOf("self")
	if !ok {
		return ""
	}
	return filepath.Join(own, dirPrefix+run)
}

// newPrivateCgroup makes the directory. With limits, it has the controllers that this
// program's own cgroup has.
func newPrivateCgroup(dir string, limits bool) *privateCgroup {
	if dir == "" {
		return nil
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil
	}
	d, err := delegate(filepath.Dir(dir), dir, limits)
	if err != nil {
		_ = os.Remove(dir)
		return nil
	}
	return &privateCgroup{dir, d}
}

// cgroupOf returns the directory of a process's cgroup.
func cgroupOf(pid string) (string, bool) {
	text, err := os.ReadFile("/proc/" + pid + "/cgroup")
	if err != nil {
		return "", false
	}
	groups, err := procfs.ParseCgroup(text)
	if err != nil {
		return "", false
	}
	own, ok := procfs.Unified(groups)
	if !ok {
		return "", false
	}
	text, err = os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", false
	}
	mounts, err := procfs.ParseMountInfo(text)
	if err != nil {
		return "", false
	}
	for _, m := range mounts {
		if m.Type != "cgroup2" || m.Root != "/" {
			continue
		}
		if dir := filepath.Join(m.Point, own); isDir(dir) {
			return dir, true
		}
	}
	return "", false
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// supervisorDir returns the directory that the supervisor starts in, or "".
func (c *privateCgroup) supervisorDir() string {
	if c == nil {
		return ""
	}
	return c.leaf()
}

// spawnInto makes a process start in the directory.
func (c *privateCgroup) spawnInto(attr *syscall.SysProcAttr) (release func()) {
	if c == nil {
		return func() {}
	}
	file, err := os.Open(c.supervisorDir())
	if err != nil {
		return func() {}
	}
	attr.UseCgroupFD, attr.CgroupFD = true, int(file.Fd())
	return func() { _ = file.Close() }
}

// removeBound is how long killed processes in the directory may take to end.
const removeBound = 5 * time.Second

// remove kills what lives in the directory and removes it.
func (c *privateCgroup) remove() (errs []error) {
	if c == nil {
		return nil
	}
	until := time.Now().Add(removeBound)
	_ = writeFile(c.supervisorDir(), "cgroup.kill", "1")
	errs = append(errs, removeAll(append(dirsBelow(c.supervisorDir()), c.supervisorDir()), until)...)
	if err := c.undo(); err != nil {
		errs = append(errs, err)
	}
	return append(errs, removeAll(append(dirsBelow(c.dir), c.dir), until)...)
}

func removeAll(dirs []string, until time.Time) (errs []error) {
	for _, dir := range dirs {
		err := syscall.Rmdir(dir)
		for ; err == syscall.EBUSY && time.Now().Before(until); err = syscall.Rmdir(dir) {
			time.Sleep(time.Millisecond)
		}
		if err != nil && err != syscall.ENOENT {
			errs = append(errs, fmt.Errorf("cannot remove %s: %w", dir, err))
		}
	}
	return errs
}
