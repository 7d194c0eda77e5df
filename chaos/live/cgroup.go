package live

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gosv/gosv/procfs"
)

// privateCgroup is a cgroup v2 directory made for one run, below this program's own:
// whatever the supervisor makes there, it meets no other supervisor. nil stands for
// a machine where there can be none.
type privateCgroup struct {
	dir string
	*delegation
}

// privateName is what the directory of a run is called; "": there can be none.
func privateName(run string) string {
	own, ok := cgroupOf("self")
	if !ok {
		return ""
	}
	return filepath.Join(own, dirPrefix+run)
}

// newPrivateCgroup makes the directory. With limits the controllers are handed down to
// it.
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

// cgroupOf is the directory of a process's cgroup.
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

// born is the directory that the supervisor is born in; "": there is none.
func (c *privateCgroup) supervisorDir() string {
	if c == nil {
		return ""
	}
	return c.leaf()
}

// enter has a process be born in the directory.
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

// removeBound is how long the end of killed processes in the directory is waited for.
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
	for _, f := range dirs {
		err := syscall.Rmdir(f)
		for ; err == syscall.EBUSY && time.Now().Before(until); err = syscall.Rmdir(f) {
			time.Sleep(time.Millisecond)
		}
		if err != nil && err != syscall.ENOENT {
			errs = append(errs, fmt.Errorf("%s, which cannot be removed: %w", f, err))
		}
	}
	return errs
}
