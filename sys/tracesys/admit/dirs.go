package admit

import (
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// file tells whether the answer is that a name is one of a control file. Which
// there are depends on the kernel.
func (a *admitter) file(name string) bool {
	return a.c.Err == syscall.ENOTDIR && strings.Contains(path.Base(name), ".") && a.is(path.Dir(name))
}

func (a *admitter) mkdir() string {
	dir := a.c.Arg(0)
	if a.unknown(dir) {
		return a.recorded()
	}
	a.mayBe(path.Dir(dir), !gone(a.c.Err))
	a.mayBe(dir, a.c.Err == syscall.EEXIST)
	err := a.k.Mkdir(dir)
	if err == nil {
		a.ours[dir] = true
	}
	return a.asGone(err)
}

func (a *admitter) rmdir() string {
	dir := a.c.Arg(0)
	if a.unknown(dir) || a.file(dir) {
		return a.recorded()
	}
	a.mayBe(dir, !gone(a.c.Err))
	switch {
	case a.c.Err == syscall.EBUSY && a.foreign(dir):
		return a.recorded()
	case a.c.Err == syscall.EBUSY && a.is(dir) && !a.hand.Populated(dir) && len(a.dirs(dir)) == 0:
		a.enliven(dir)
	case a.c.Err == 0:
		a.bornBefore(dir)
		a.empty(dir)
		for _, name := range a.dirs(dir) {
			a.mayBe(path.Join(dir, name), false)
		}
	}
	err := a.k.Rmdir(dir)
	if err == nil {
		delete(a.ours, dir)
		a.emptied(dir)
	}
	return a.asGone(err)
}

// directories are those below a directory in the fake.
func (a *admitter) dirs(dir string) []string {
	entries, _ := a.k.ReadDir(dir)
	return a.names.List(dir, sys.EntryNames(entries))
}

func (a *admitter) readDir() string {
	dir := a.c.Arg(0)
	if inside, ok := strings.CutPrefix(dir, "/proc"); ok {
		return a.procDir(strings.Trim(inside, "/"))
	}
	if a.unknown(dir) || a.file(dir) {
		return a.recorded()
	}
	a.mayBe(dir, !gone(a.c.Err))
	if a.c.Err == 0 {
		for _, name := range a.c.Result {
			a.mayBe(path.Join(dir, name), true)
		}
		for _, name := range a.dirs(dir) {
			if !slices.Contains(a.c.Result, name) {
				a.mayBe(path.Join(dir, name), false)
			}
		}
	}
	entries, err := a.k.ReadDir(dir)
	return a.asGone(err, a.names.List(dir, sys.EntryNames(entries))...)
}

func (a *admitter) lock() string {
	dir := a.c.Arg(0)
	if a.unknown(dir) {
		return a.recorded()
	}
	a.mayBe(dir, !gone(a.c.Err))
	return a.asGone(a.k.Lock(dir))
}

func (a *admitter) unlock() string {
	if !a.unknown(a.c.Arg(0)) {
		a.k.Unlock(a.c.Arg(0))
	}
	return as(nil)
}

func (a *admitter) readlink() string { return a.recorded() }

// bornBefore lets the starts into a directory have their children that turn out to
// have one: none is born into a directory that was removed.
func (a *admitter) bornBefore(dir string) {
	for _, f := range a.families {
		if f.result || !within(f.group, dir) || a.childOf(f) != 0 {
			continue
		}
		if r, ok := a.resultOf(a.i, f.start); ok && r.pid != "" {
			a.born(f)
		}
	}
}
