package live

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// needWrapper are the faults that need start wrappers.
var needWrapper = []string{"start-missing", "start-denied", "start-busy", "start-exit", "start-slow", "orphan", "escape"}

// Prepare implements Preparer.
func (g *Gosv) Prepare(p chaos.Plan) {
	for _, h := range p.Faults {
		g.wrapStarts = g.wrapStarts || slices.Contains(needWrapper, h.Fault)
		g.logToFile = g.logToFile || h.Fault == "full-log"
	}
}

// wrapStart returns a service that is started through a wrapper, if faults need that.
func (g *Gosv) wrapStart(svc config.Service) (config.Service, error) {
	if !g.wrapStarts {
		return svc, nil
	}
	dir := filepath.Join(g.dir.name, wrappersDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return svc, err
	}
	s, wrapped, err := newStartWrapper(dir, g.Program, svc)
	if err != nil {
		return svc, err
	}
	if g.wrappers == nil {
		g.wrappers = map[string]startWrapper{}
	}
	g.wrappers[svc.Name] = s
	return wrapped, nil
}

func (g *Gosv) startWrapper(service string) (startWrapper, bool) {
	s, ok := g.wrappers[service]
	return s, ok
}

func (g *Gosv) log() *logFile { return g.logFile }
