package main

import (
	"runtime/debug"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// tidyAfter is how long after the first starts their memory goes back to the
// kernel: an idle gosv has no reason to collect garbage, and Go would keep it.
const tidyAfter = time.Second

// tidier tidies up once, when every service has been started for the first time.
type tidier struct {
	supervisor.Observer
	unstarted map[string]bool
}

func newTidier(next supervisor.Observer, services []config.Service) *tidier {
	t := &tidier{Observer: next, unstarted: make(map[string]bool, len(services))}
	for _, svc := range services {
		t.unstarted[svc.Name] = true
	}
	return t
}

// Changed implements supervisor.Observer.
func (t *tidier) Changed(c supervisor.Change) {
	t.Observer.Changed(c)
	if c.From != lifecycle.Starting || !t.unstarted[c.Service] {
		return
	}
	if delete(t.unstarted, c.Service); len(t.unstarted) == 0 {
		t.unstarted = nil
		time.AfterFunc(tidyAfter, debug.FreeOSMemory)
	}
}
