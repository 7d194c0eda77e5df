package main

import (
	"runtime/debug"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys/linux"
)

// releaseAfter is how long after the first starts their memory goes back to the
// kernel: an idle gosv has no reason to collect garbage, and Go would keep it.
const releaseAfter = time.Second

// memoryReleaser releases memory once, when every service has been started for the
// first time.
type memoryReleaser struct {
	supervisor.Observer
	unstarted map[string]bool
}

func newMemoryReleaser(next supervisor.Observer, services []config.Service) *memoryReleaser {
	m := &memoryReleaser{Observer: next, unstarted: make(map[string]bool, len(services))}
	for _, svc := range services {
		m.unstarted[svc.Name] = true
	}
	return m
}

// Changed implements supervisor.Observer.
func (m *memoryReleaser) Changed(c supervisor.Change) {
	m.Observer.Changed(c)
	if c.From != lifecycle.Starting || !m.unstarted[c.Service] {
		return
	}
	if delete(m.unstarted, c.Service); len(m.unstarted) == 0 {
		m.unstarted = nil
		time.AfterFunc(releaseAfter, func() {
			debug.FreeOSMemory()
			linux.ReleaseProgramPages()
		})
	}
}
