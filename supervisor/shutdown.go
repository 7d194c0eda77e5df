package supervisor

import (
	"syscall"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// shutdown stops everything; asked for a second time, it kills everything.
// Nothing is started after it.
func (s *Supervisor) shutdown(sig syscall.Signal) {
	kind := lifecycle.Stop
	if s.closing {
		kind = lifecycle.Kill
		s.notice(Info, nil, "SIG%s again: killing what is left", name(sig))
	} else {
		s.closing, s.told = true, sig
		s.notice(Info, nil, "SIG%s: stopping %d services", name(sig), len(s.services))
	}
	for _, svc := range s.services {
		s.step(svc, lifecycle.Event{Kind: kind})
	}
}
