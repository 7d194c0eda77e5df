package cgroupfs

import (
	"path"
	"slices"
	"strings"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// place is where the cgroup of a process is.
type place struct {
	dir    string         // its directory
	mount  string         // where the file system that shows it is mounted
	mounts []procfs.Mount // of all file systems
}

// locate finds the cgroup that the process is in.
func locate(f sys.Files, pid int, o Options) (at place, problem *Finding) {
	if o.ProcErr != nil {
		return at, &Finding{Err: o.ProcErr, Text: o.ProcErr.Error() + ": gosv needs it to find its own cgroup"}
	}
	mounts, err := procfs.ReadMountInfo(f, pid)
	at.mounts = mounts
	if err != nil {
		return at, &Finding{Err: err, Text: err.Error() + ": gosv needs /proc to find the cgroup file system"}
	}
	groups, err := procfs.ReadCgroup(f, pid)
	if err != nil {
		return at, &Finding{Err: err, Text: err.Error() + ": gosv needs /proc to find its own cgroup"}
	}
	own, ok := procfs.Unified(groups)
	found := unifiedMounts(mounts)
	if !ok || len(found) == 0 {
		return at, &Finding{Text: "no cgroup v2 file system is mounted: " +
			"boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none /sys/fs/cgroup"}
	}
	if strings.HasSuffix(own, " (deleted)") {
		return at, &Finding{Text: "gosv's own cgroup " + own + " was removed: start gosv in another one"}
	}
	for _, m := range found {
		below, ok := within(m.Root, own)
		if !ok {
			continue
		}
		dir := path.Join(m.Point, below)
		if below == "/" && o.Systemd && topLevel(f, dir) {
			return at, &Finding{Text: "gosv is in the top-level cgroup " + dir +
				", which systemd manages, and may not make directories beside systemd's: " + o.hint()}
		}
		at.dir, at.mount = dir, m.Point
		return at, nil
	}
	return at, &Finding{Text: "gosv's own cgroup " + own + " is not below the cgroup v2 file system at " +
		found[0].Point + ", which shows " + found[0].Root + ": mount cgroup2 in gosv's own cgroup namespace"}
}

// unifiedMounts returns the cgroup2 mounts, the writable ones first, without those
// that a later mount on the same directory hides.
func unifiedMounts(mounts []procfs.Mount) []procfs.Mount {
	var writable, readOnly []procfs.Mount
	for i, m := range mounts {
		hidden := slices.ContainsFunc(mounts[i+1:], func(n procfs.Mount) bool { return n.Point == m.Point })
		switch {
		case m.Type != "cgroup2" || hidden:
		case slices.Contains(m.Options, "ro") || slices.Contains(m.SuperOptions, "ro"):
			readOnly = append(readOnly, m)
		default:
			writable = append(writable, m)
		}
	}
	return append(writable, readOnly...)
}

// within returns the part of a path below root. Both are as seen from the cgroup
// namespace; a path above its root begins with "/.." and cannot be reached.
func within(root, own string) (string, bool) {
	if outside(root) || outside(own) {
		return "", false
	}
	if root == "/" {
		return own, true
	}
	below, ok := strings.CutPrefix(own, root)
	if below == "" {
		below = "/"
	}
	return below, ok && below[0] == '/'
}

func outside(p string) bool { return p == "/.." || strings.HasPrefix(p, "/../") }

// topLevel reports whether a directory is the root of the hierarchy, which has no
// cgroup.type, or the root that a systemd in a container fills.
func topLevel(f sys.Files, dir string) bool {
	_, err := f.ReadFile(dir + "/cgroup.type")
	_, err2 := f.ReadDir(dir + "/init.scope")
	return IsGone(err) || err2 == nil
}
