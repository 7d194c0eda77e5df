package tracesys

import (
	"slices"
	"strings"

	"github.com/gosv/gosv/sys"
)

// ReadFile implements sys.Files. The answer is shown as facts.
func (k *Kernel) ReadFile(path string) ([]byte, error) {
	began := k.kernel.Now()
	text, err := k.kernel.ReadFile(path)
	k.record(began, "read-file", err, func(n *names, c *call) {
		if c.Args = []string{n.path(path)}; err == nil {
			c.Result = n.facts(path, text)
		}
	})
	return text, err
}

// WriteFile implements sys.Files.
func (k *Kernel) WriteFile(path string, data []byte) error {
	began := k.kernel.Now()
	err := k.kernel.WriteFile(path, data)
	k.record(began, "write-file", err, func(n *names, c *call) {
		text := strings.TrimSpace(string(data))
		if lastElement(path) == "cgroup.procs" {
			text = n.number(text)
		}
		c.Args = []string{path, text}
	})
	return err
}

// Mkdir implements sys.Files.
func (k *Kernel) Mkdir(path string) error {
	return k.onPath("mkdir", path, k.kernel.Mkdir)
}

// Rmdir implements sys.Files.
func (k *Kernel) Rmdir(path string) error {
	return k.onPath("rmdir", path, k.kernel.Rmdir)
}

// Lock implements sys.Files.
func (k *Kernel) Lock(path string) error {
	return k.onPath("lock", path, k.kernel.Lock)
}

// Unlock implements sys.Files.
func (k *Kernel) Unlock(path string) {
	_ = k.onPath("unlock", path, func(path string) error { k.kernel.Unlock(path); return nil })
}

// LockOwner implements sys.Files.
func (k *Kernel) LockOwner(path string) (int, error) {
	began := k.kernel.Now()
	pid, err := k.kernel.LockOwner(path)
	k.record(began, "locker", err, func(n *names, c *call) {
		if c.Args = []string{n.path(path)}; err == nil {
			c.Result = []string{n.Pid(pid)}
		}
	})
	return pid, err
}

func (k *Kernel) onPath(op, path string, do func(string) error) error {
	began := k.kernel.Now()
	err := do(path)
	k.record(began, op, err, func(n *names, c *call) { c.Args = []string{n.path(path)} })
	return err
}

// ReadDir implements sys.Files.
func (k *Kernel) ReadDir(path string) ([]sys.DirEntry, error) {
	began := k.kernel.Now()
	entries, err := k.kernel.ReadDir(path)
	k.record(began, "read-dir", err, func(n *names, c *call) {
		if c.Args = []string{n.path(path)}; err == nil {
			c.Result = n.List(path, sys.EntryNames(entries))
		}
	})
	return entries, err
}

// Readlink implements sys.Files. Where the link leads is not recorded.
func (k *Kernel) Readlink(path string) (string, error) {
	began := k.kernel.Now()
	to, err := k.kernel.Readlink(path)
	k.record(began, "readlink", err, func(n *names, c *call) { c.Args = []string{n.path(path)} })
	return to, err
}

// Watch implements sys.Watcher.
func (k *Kernel) Watch(path string) (sys.WatchID, error) {
	began := k.kernel.Now()
	id, err := k.kernel.Watch(path)
	k.record(began, "watch", err, func(_ *names, c *call) {
		if c.Args = []string{path}; err == nil {
			c.Result = []string{watch(id)}
		}
	})
	return id, err
}

// Unwatch implements sys.Watcher.
func (k *Kernel) Unwatch(id sys.WatchID) {
	began := k.kernel.Now()
	k.kernel.Unwatch(id)
	k.record(began, "unwatch", nil, func(_ *names, c *call) { c.Args = []string{watch(id)} })
}

// Changed implements sys.Watcher.
func (k *Kernel) Changed() []sys.WatchID {
	began := k.kernel.Now()
	ids := k.kernel.Changed()
	k.record(began, "changed", nil, func(_ *names, c *call) {
		for _, id := range slices.Sorted(slices.Values(ids)) {
			c.Result = append(c.Result, watch(id))
		}
	})
	return ids
}
