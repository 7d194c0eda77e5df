package supervisor

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// shutdownState is what is known of the wish that gosv ends.
type shutdownState struct {
	asked  bool           // nothing is started any more
	signal syscall.Signal // the first signal that asked for it; 0: Shutdown did

	essential string            // the service whose end asked for it; "": none did
	outcome   lifecycle.Outcome // of its last run
	joined    bool              // a signal, or Shutdown, has asked for it, too
	at        time.Duration     // when the services had been asked to stop

	alarm    *alarm        // ends a wait of the drain, or of the close
	until    time.Duration // what is busy is waited for
	ask      time.Duration // the next search for orphans
	pause    time.Duration
	remains  []int // orphans that the last search found
	orphaned bool  // gosv's end did not wait for every orphan
}

// shutdown stops everything; asked for a second time, it kills everything. Nothing is
// started after it. sig is 0 for Supervisor.Shutdown.
func (s *Supervisor) shutdown(sig syscall.Signal) {
	kind := lifecycle.Stop
	switch {
	case !s.ending.asked:
		s.ending.asked, s.ending.joined, s.ending.signal = true, true, sig
		s.report(ShutdownStarted{Signal: sig, Services: len(s.services.ordered)})
	case !s.ending.joined:
		s.ending.joined, s.ending.at = true, s.now() // the first signal asks for what goes on already
		return
	case s.now()-s.ending.at < ShutdownDebounce:
		return
	default:
		kind = lifecycle.Kill
		s.boot.recovery.killNow()
		s.report(ShutdownForced{Signal: sig})
	}
	s.stepAll(kind)
	if kind == lifecycle.Stop {
		s.ending.at = s.now() // a signal that came meanwhile asks for nothing more
	}
}

func (s *Supervisor) stepAll(kind lifecycle.Kind) {
	for _, svc := range s.services.ordered {
		s.guarded(svc, func() { s.step(svc, lifecycle.Event{Kind: kind}) })()
	}
}

// essentialEnded notes the first essential service that ended by itself.
func (s *Supervisor) essentialEnded(svc *service) {
	if svc.conf.Essential && s.ending.essential == "" && !s.ending.asked {
		s.ending.essential, s.ending.outcome = svc.name(), svc.state.Last
	}
}

// followEssential stops everything after the end of an essential service.
func (s *Supervisor) followEssential() {
	if s.ending.essential == "" || s.ending.asked {
		return
	}
	s.ending.asked = true
	s.report(EssentialEnded{Service: s.ending.essential, Outcome: s.ending.outcome})
	s.stepAll(lifecycle.Stop)
	s.ending.at = s.now()
}
