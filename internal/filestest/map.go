// Package filestest has two simple [sys.Files] for tests of packages that read
// /proc and the cgroup file system: a map of texts, and the real kernel.
package filestest

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// Map is a tree of files held in memory. Directories exist by having something in
// them, or by Mkdir or Directory.
type Map struct {
	Texts map[string]string // path to content
	Links map[string]string // path to target
	// Fail makes a call fail: "write /sys/fs/cgroup/cgroup.procs", the verbs
	// being read, write, mkdir, rmdir, readdir, readlink, lock and locker.
	Fail map[string]error
	// Made is called after Mkdir, Wrote after a write: they play the kernel.
	Made  func(path string)
	Wrote func(path, text string)
	Calls []string // what was changed, in order: "write PATH TEXT", "mkdir PATH", "rmdir PATH"

	// Locked are the directories that somebody holds a lock on, and Lockers who took it.
	Locked  map[string]bool
	Lockers map[string]int

	dirs map[string]bool
}

// NewMap is a Map with texts.
func NewMap(texts map[string]string) *Map {
	return &Map{Texts: texts, Links: map[string]string{}, Fail: map[string]error{}, Locked: map[string]bool{}, Lockers: map[string]int{}, dirs: map[string]bool{}}
}

// Directory makes an empty directory.
func (m *Map) Dir(name string) { m.dirs[name] = true }

// Exists reports whether there is a file, a link or a directory.
func (m *Map) Exists(name string) bool {
	_, text := m.Texts[name]
	_, link := m.Links[name]
	return text || link || m.isDir(name)
}

func (m *Map) isDir(name string) bool {
	if m.dirs[name] {
		return true
	}
	for _, p := range m.paths() {
		if strings.HasPrefix(p, strings.TrimSuffix(name, "/")+"/") {
			return true
		}
	}
	return false
}

func (m *Map) paths() []string {
	var all []string
	for p := range m.Texts {
		all = append(all, p)
	}
	for p := range m.Links {
		all = append(all, p)
	}
	for p := range m.dirs {
		all = append(all, p)
	}
	return all
}

func (m *Map) fail(verb, name string) error {
	if err := m.Fail[verb+" "+name]; err != nil {
		return &fs.PathError{Op: verb, Path: name, Err: err}
	}
	return nil
}

func (m *Map) absent(verb, name string) error {
	return &fs.PathError{Op: verb, Path: name, Err: syscall.ENOENT}
}

// ReadFile is sys.Files.ReadFile.
func (m *Map) ReadFile(name string) ([]byte, error) {
	if err := m.fail("read", name); err != nil {
		return nil, err
	}
	text, ok := m.Texts[name]
	if !ok {
		return nil, m.absent("read", name)
	}
	return []byte(text), nil
}

// WriteFile is sys.Files.WriteFile; it only records, Wrote gives it a meaning.
func (m *Map) WriteFile(name string, data []byte) error {
	if err := m.fail("write", name); err != nil {
		return err
	}
	if _, ok := m.Texts[name]; !ok {
		return m.absent("write", name)
	}
	m.Calls = append(m.Calls, "write "+name+" "+string(data))
	if m.Wrote != nil {
		m.Wrote(name, string(data))
	}
	return nil
}

// Mkdir is sys.Files.Mkdir.
func (m *Map) Mkdir(name string) error {
	if err := m.fail("mkdir", name); err != nil {
		return err
	}
	if !m.isDir(path.Dir(name)) {
		return m.absent("mkdir", name)
	}
	if m.Exists(name) {
		return &fs.PathError{Op: "mkdir", Path: name, Err: syscall.EEXIST}
	}
	m.Calls = append(m.Calls, "mkdir "+name)
	m.dirs[name] = true
	if m.Made != nil {
		m.Made(name)
	}
	return nil
}

// Rmdir removes a directory as the cgroup file system does: its files go with it,
// directories in it are EBUSY.
func (m *Map) Rmdir(name string) error {
	if err := m.fail("rmdir", name); err != nil {
		return err
	}
	if !m.isDir(name) {
		return m.absent("rmdir", name)
	}
	for dir := range m.dirs {
		if path.Dir(dir) == name {
			return &fs.PathError{Op: "rmdir", Path: name, Err: syscall.EBUSY}
		}
	}
	m.Calls = append(m.Calls, "rmdir "+name)
	delete(m.dirs, name)
	for p := range m.Texts {
		if path.Dir(p) == name {
			delete(m.Texts, p)
		}
	}
	return nil
}

// ReadDir is sys.Files.ReadDir.
func (m *Map) ReadDir(name string) ([]sys.DirEntry, error) {
	if err := m.fail("readdir", name); err != nil {
		return nil, err
	}
	if !m.isDir(name) {
		if m.Exists(name) {
			return nil, &fs.PathError{Op: "readdir", Path: name, Err: syscall.ENOTDIR}
		}
		return nil, m.absent("readdir", name)
	}
	name = strings.TrimSuffix(name, "/")
	var names []string
	for _, p := range m.paths() {
		if rest, ok := strings.CutPrefix(p, name+"/"); ok {
			first, _, _ := strings.Cut(rest, "/")
			names = append(names, first)
		}
	}
	slices.Sort(names)
	var entries []sys.DirEntry
	for _, first := range slices.Compact(names) {
		entries = append(entries, sys.DirEntry{Name: first, Dir: m.isDir(name + "/" + first)})
	}
	return entries, nil
}

// Readlink is sys.Files.Readlink.
func (m *Map) Readlink(name string) (string, error) {
	if err := m.fail("readlink", name); err != nil {
		return "", err
	}
	target, ok := m.Links[name]
	if !ok {
		return "", m.absent("readlink", name)
	}
	return target, nil
}

// Lock is sys.Files.Lock.
func (m *Map) Lock(name string) error {
	if err := m.fail("lock", name); err != nil {
		return err
	}
	switch {
	case !m.isDir(name):
		return m.absent("lock", name)
	case m.Locked[name]:
		return &fs.PathError{Op: "lock", Path: name, Err: syscall.EWOULDBLOCK}
	}
	m.Locked[name] = true
	return nil
}

// Unlock is sys.Files.Unlock.
func (m *Map) Unlock(name string) { delete(m.Locked, name) }

// Locker is sys.Files.Locker.
func (m *Map) LockOwner(name string) (int, error) {
	if err := m.fail("locker", name); err != nil {
		return 0, err
	}
	return m.Lockers[name], nil
}
