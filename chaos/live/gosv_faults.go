package live

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// disguising are the faults that need stand-ins.
var disguising = []string{"start-missing", "start-denied", "start-busy", "start-exit", "start-slow", "orphan", "escape"}

// Prepare implements Preparer.
func (g *Gosv) Prepare(p chaos.Plan) {
	for _, h := range p.Hits {
		g.disguised = g.disguised || slices.Contains(disguising, h.Fault)
		g.logged = g.logged || h.Fault == "full-log"
	}
}

// disguise gives a service that is started by a stand-in, if that is needed.
func (g *Gosv) disguise(svc config.Service) (config.Service, error) {
	if !g.disguised {
		return svc, nil
	}
	dir := filepath.Join(g.dir.name, standInsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return svc, err
	}
	s, disguised, err := newStandIn(dir, g.Program, svc)
	if err != nil {
		return svc, err
	}
	if g.standIns == nil {
		g.standIns = map[string]standIn{}
	}
	g.standIns[svc.Name] = s
	return disguised, nil
}

func (g *Gosv) standIn(service string) (standIn, bool) {
	s, ok := g.standIns[service]
	return s, ok
}

func (g *Gosv) log() *logFile { return g.logFile }
