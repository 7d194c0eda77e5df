package supervisor

import (
	"syscall"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// shutdown stops everything; asked for a second time, it kills everything.
// Nothing is started after it.
func (s *Supervisor) shutdown(sig syscall.Signal) {
	kind := lifecycle.Stop
	switch {
	case !s.closing:
		s.closing, s.told = true, sig
		s.report(ShutdownStarted{Signal: sig, Services: len(s.services)})
	case s.now()-s.toldAt < ShutdownDebounce:
		return
	default:
		kind = lifecycle.Kill
		s.report(ShutdownForced{Signal: sig})
	}
	for _, svc := range s.services {
		s.step(svc, lifecycle.Event{Kind: kind})
	}
	if kind == lifecycle.Stop {
		s.toldAt = s.now() // what came while services were told says nothing more either
	}
}
