package supervisor

// counted tells whether a census says who is left of a generation: it has no
// cgroup, or that does not say it.
func (g *generation) counted() bool { return g.leaf == "" || g.strayed }

// place is where a main process is.
type place int

const (
	atHome place = iota // in its cgroup, or nothing rests on that
	elsewhere
	unknown // just now
)

// locate looks whether the main process of a generation, or its zombie, is in the
// cgroup that it was born in.
func (s *Supervisor) locate(g *generation) place {
	if g.counted() {
		return atHome
	}
	in, err := s.tree.Contains(g.leaf, g.child.Pid)
	if in {
		return atHome
	}
	if err == nil {
		_, _, err = s.k.Peek(g.child.Handle) // else the number is somebody's again
	}
	if err != nil {
		return unknown // for ever, if somebody else has reaped it
	}
	return elsewhere
}

// stray has the generation counted by census from now on: an empty cgroup proves
// nothing any more.
func (s *Supervisor) stray(g *generation, from place) {
	g.strayed = true
	if from == elsewhere {
		s.report(EscapedCgroup{Service: g.svc.conf.Name, PID: g.child.Pid, Cgroup: g.leaf})
	}
}

// takeBack moves a living main process back into its cgroup, once: who moves it
// again means it. What it has started meanwhile, or was moved with it, stays where
// it is until the generation ends.
func (s *Supervisor) takeBack(g *generation) {
	s.stray(g, elsewhere)
	if err := s.tree.MoveIn(g.leaf, cgroupLimits(g.svc.conf.Limits), g.child.Pid); err != nil {
		s.report(ReturnToCgroupFailed{Service: g.svc.conf.Name, PID: g.child.Pid, Err: err})
		return
	}
	s.report(ReturnedToCgroup{Service: g.svc.conf.Name, PID: g.child.Pid})
}
