package live

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gosv/gosv/procfs"
)

// privateCgroup is a cgroup v2 folder made for one run, below this program's own:
// whatever the supervisor makes there, it meets no other supervisor. nil stands for
// a machine where there can be none.
type privateCgroup struct{ folder string }

// newPrivateCgroup makes the folder.
func newPrivateCgroup(run string) *privateCgroup {
	own, ok := ownCgroup()
	if !ok {
		return nil
	}
	folder := filepath.Join(own, "gosv-chaos-"+run)
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil
	}
	return &privateCgroup{folder}
}

// ownCgroup is the folder of this program's cgroup.
func ownCgroup() (string, bool) {
	text, err := os.ReadFile("/proc/self/cgroup")
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
		if folder := filepath.Join(m.Point, own); isFolder(folder) {
			return folder, true
		}
	}
	return "", false
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func (c *privateCgroup) supervised() string {
	if c == nil {
		return ""
	}
	return c.folder
}

// enter has a process be born in the folder.
func (c *privateCgroup) enter(attr *syscall.SysProcAttr) (release func()) {
	if c == nil {
		return func() {}
	}
	file, err := os.Open(c.folder)
	if err != nil {
		return func() {}
	}
	attr.UseCgroupFD, attr.CgroupFD = true, int(file.Fd())
	return func() { _ = file.Close() }
}

// removeBound is how long the end of killed processes in the folder is waited for.
const removeBound = 5 * time.Second

// remove kills what lives in the folder and removes it.
func (c *privateCgroup) remove() (errs []error) {
	if c == nil {
		return nil
	}
	_ = os.WriteFile(filepath.Join(c.folder, "cgroup.kill"), []byte("1"), 0)
	until := time.Now().Add(removeBound)
	for _, f := range append(foldersBelow(c.folder), c.folder) {
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
