package supervisor

import (
	"time"

	"github.com/gosv/gosv/supervisor/instance"
	"github.com/gosv/gosv/sys"
)

// safetyPeriod is how long a wake-up that was lost may stay unnoticed.
const safetyPeriod = 30 * time.Second

// The round of the safety net is spread over turns.
const (
	safetyBatch = 64                     // instances looked at in one turn
	safetyPause = 100 * time.Millisecond // between two batches
)

// safety backs up every wake-up that may have been lost: once in a while all instances
// are looked at, and everything that is drained on a wake-up.
type safety struct {
	alarm *alarm
	left  []sys.SpawnID // of the present round
}

// safetyTurn looks at the next batch of instances; a new round begins with the drains.
func (s *Supervisor) safetyTurn() {
	f := &s.safety
	if len(f.left) == 0 {
		for _, svc := range s.services.ordered {
			if in := svc.inst; in != nil && in.child.Handle != 0 {
				f.left = append(f.left, in.id)
			}
		}
		s.orphans.abandoned.reapAll()
		s.reapOrphans()
		s.reapSiblings()
		s.jobControl()
	}
	n := min(len(f.left), safetyBatch)
	for _, id := range f.left[:n] {
		if in := s.instances.byID[id]; in != nil {
			s.guarded(in.svc, func() { s.safetyLook(in) })()
		}
	}
	if f.left = f.left[n:]; len(f.left) > 0 {
		s.set(f.alarm, s.now()+safetyPause)
		return
	}
	f.left = nil
	s.set(f.alarm, s.now()+safetyPeriod)
}

func (s *Supervisor) safetyLook(in *liveInstance) {
	if in.state.Stage() == instance.StageAlive {
		s.checkMain(in)
	} else if in.state.ExitSeen() {
		s.recheck(in)
	}
}
