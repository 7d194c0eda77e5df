package admit

import (
	"path"
	"slices"
	"strings"
	"syscall"
)

// file tells whether the answer is that a name is one of a control file. Which
// there are depends on the kernel.
func (a *admitter) file(name string) bool {
	return a.c.Err == syscall.ENOTDIR && strings.Contains(path.Base(name), ".") && a.is(path.Dir(name))
}

func (a *admitter) mkdir() string {
	folder := a.c.Arg(0)
	if a.unknown(folder) {
		return a.recorded()
	}
	a.mayBe(path.Dir(folder), !gone(a.c.Err))
	a.mayBe(folder, a.c.Err == syscall.EEXIST)
	err := a.k.Mkdir(folder)
	if err == nil {
		a.ours[folder] = true
	}
	return a.asGone(err)
}

func (a *admitter) rmdir() string {
	folder := a.c.Arg(0)
	if a.unknown(folder) || a.file(folder) {
		return a.recorded()
	}
	a.mayBe(folder, !gone(a.c.Err))
	switch {
	case a.c.Err == syscall.EBUSY && a.foreign(folder):
		return a.recorded()
	case a.c.Err == syscall.EBUSY && a.is(folder) && !a.hand.Populated(folder) && len(a.folders(folder)) == 0:
		a.enliven(folder)
	case a.c.Err == 0:
		a.bornBefore(folder)
		a.empty(folder)
		for _, name := range a.folders(folder) {
			a.mayBe(path.Join(folder, name), false)
		}
	}
	err := a.k.Rmdir(folder)
	if err == nil {
		delete(a.ours, folder)
		a.emptied(folder)
	}
	return a.asGone(err)
}

// folders are those below a folder in the fake.
func (a *admitter) folders(folder string) []string {
	entries, _ := a.k.ReadDir(folder)
	return a.names.List(folder, entries)
}

func (a *admitter) readDir() string {
	folder := a.c.Arg(0)
	if inside, ok := strings.CutPrefix(folder, "/proc"); ok {
		return a.procDir(strings.Trim(inside, "/"))
	}
	if a.unknown(folder) || a.file(folder) {
		return a.recorded()
	}
	a.mayBe(folder, !gone(a.c.Err))
	if a.c.Err == 0 {
		for _, name := range a.c.Result {
			a.mayBe(path.Join(folder, name), true)
		}
		for _, name := range a.folders(folder) {
			if !slices.Contains(a.c.Result, name) {
				a.mayBe(path.Join(folder, name), false)
			}
		}
	}
	entries, err := a.k.ReadDir(folder)
	return a.asGone(err, a.names.List(folder, entries)...)
}

func (a *admitter) lock() string {
	folder := a.c.Arg(0)
	if a.unknown(folder) {
		return a.recorded()
	}
	a.mayBe(folder, !gone(a.c.Err))
	return a.asGone(a.k.Lock(folder))
}

func (a *admitter) unlock() string {
	if !a.unknown(a.c.Arg(0)) {
		a.k.Unlock(a.c.Arg(0))
	}
	return as(nil)
}

func (a *admitter) readlink() string { return a.recorded() }

// bornBefore lets the starts into a folder have their children that turn out to
// have one: none is born into a folder that was removed.
func (a *admitter) bornBefore(folder string) {
	for _, f := range a.families {
		if f.result || !within(f.group, folder) || a.childOf(f) != 0 {
			continue
		}
		if r, ok := a.resultOf(a.i, f.start); ok && r.pid != "" {
			a.born(f)
		}
	}
}
