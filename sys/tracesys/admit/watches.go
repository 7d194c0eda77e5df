package admit

import (
	"path"
	"slices"
	"strings"
	"syscall"
)

func (a *admitter) watch() string {
	file := a.c.Arg(0)
	if a.unknown(file) {
		return a.recorded()
	}
	a.mayBe(path.Dir(file), !gone(a.c.Err))
	if a.c.Err == syscall.ENOENT && !strings.HasPrefix(path.Base(file), "cgroup.") {
		return a.recorded() // the controller is not there
	}
	id, err := a.k.Watch(file)
	if err != nil {
		return as(err)
	}
	if len(a.c.Result) != 1 || a.watches[a.c.Result[0]] != 0 {
		return "= with a new watch"
	}
	a.watches[a.c.Result[0]] = id
	return a.recorded()
}

func (a *admitter) unwatch() string {
	id, ok := a.watches[a.c.Arg(0)]
	if !ok {
		return "a panic: the watch is not open"
	}
	delete(a.watches, a.c.Arg(0))
	a.k.Unwatch(id)
	return as(nil)
}

// changed may tell any watch that is open, for nothing too.
func (a *admitter) changed() string {
	for i, name := range a.c.Result {
		if _, ok := a.watches[name]; !ok || slices.Contains(a.c.Result[:i], name) {
			return "= without " + name + ", which is not open"
		}
	}
	return a.recorded()
}
