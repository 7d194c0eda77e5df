package supervisor

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// shutdownState is what is known of the wish that gosv ends.
type shutdownState struct {
	asked  bool           // nothing is started any more
	signal syscall.Signal // the first signal that asked for it; 0: Shutdown did
	at     time.Duration  // when the services had been asked to stop

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
		s.ending.asked, s.ending.signal = true, sig
		s.report(ShutdownStarted{Signal: sig, Services: len(s.services.ordered)})
	case s.now()-s.ending.at < ShutdownDebounce:
		return
	default:
		kind = lifecycle.Kill
		s.boot.recovery.killNow()
		s.report(ShutdownForced{Signal: sig})
	}
	for _, svc := range s.services.ordered {
		s.guarded(svc, func() { s.step(svc, lifecycle.Event{Kind: kind}) })()
	}
	if kind == lifecycle.Stop {
		s.ending.at = s.now() // a signal that came meanwhile asks for nothing more
	}
}

// count gives a number of things: "1 service", "2 processes".
func count(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "s"):
		thing += "es"
	default:
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
