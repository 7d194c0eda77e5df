package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosv/gosv/sys"
)

// See lists all that can be seen of the world, a fact a line.
func (s *Side) See() string {
	s.pump()
	var b strings.Builder
	for i, st := range s.starts {
		fmt.Fprintf(&b, "s%d %s, out %s, err %s\n", i+1, st.result, seen(st.out), seen(st.err))
	}
	for i, p := range s.procs {
		fmt.Fprintf(&b, "p%d %s\n", i+1, s.seeProcess(p))
	}
	for _, f := range s.dirs {
		fmt.Fprintf(&b, "%s %s\n", f, s.seeDir(f))
	}
	slices.Sort(s.exited)
	fmt.Fprintf(&b, "exited %v\n", s.exited)
	orphans, err := s.k.Orphans()
	who := "none"
	if orphans.Zombie != 0 {
		who = s.name(orphans.Zombie) + " " + status(orphans.Status)
	}
	fmt.Fprintf(&b, "orphan %s exists %v %s\n", who, orphans.Exist, errno(err))
	return b.String()
}

func (s *Side) seeProcess(p *proc) string {
	st, ok := s.stat(p.pid)
	if p.gone = p.gone || !ok; p.gone {
		return "gone"
	}
	if st.State == "R" {
		st.State = "S"
	}
	return fmt.Sprintf("%s parent %s group %s session %s cgroup %s", st.State, s.name(st.Parent),
		s.ofGosv(st.Group, s.me.Group), s.ofGosv(st.Session, s.me.Session), s.place(s.cgroupOf(p.pid)))
}

// ofGosv is the name of a group or session, which may be gosv's own.
func (s *Side) ofGosv(id, own int) string {
	if id == own {
		return "gosv's"
	}
	return s.name(id)
}

func (s *Side) seeDir(name string) string {
	procs, errProcs := s.k.ReadFile(s.dir(name) + "/cgroup.procs")
	events, errEvents := s.k.ReadFile(s.dir(name) + "/cgroup.events")
	return fmt.Sprintf("members %s %s, %s %s", s.names(string(procs)), errno(errProcs), words(string(events)), errno(errEvents))
}

// names are the sorted names of a list of numbers.
func (s *Side) names(list string) string {
	names := strings.Fields(list)
	for i, text := range names {
		names[i] = s.name(number(text))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func words(text string) string { return strings.Join(strings.Fields(text), " ") }

func status(st sys.Status) string {
	if st.Signal != 0 {
		return fmt.Sprintf("died of signal %d", int(st.Signal))
	}
	return fmt.Sprintf("exited with %d", st.Code)
}
