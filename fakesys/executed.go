package fakesys

import "github.com/gosv/gosv/sys"

// Setting is the execution environment of a process that [Process] does not contain.
type Setting struct {
	Dir            string
	Inherited      bool     // descriptors 0, 1 and 2 are gosv's own; else 0 is /dev/null
	Stdout, Stderr sys.Sink // that the pipes 1 and 2 lead to; nil: /dev/null, or Inherited
	Blocked        bool     // every signal that can be blocked is
	Ignored        bool     // at least one signal is ignored
}

// Setting returns the execution environment of a living process.
func (w *World) Setting(pid int) (Setting, bool) {
	p := w.find(pid)
	if p == nil || p.dead {
		return Setting{}, false
	}
	s := Setting{Dir: p.dir, Blocked: p.blocked, Ignored: p.signals.ignored != 0}
	s.Stdout, s.Stderr = p.out.leadsTo(), p.err.leadsTo()
	s.Inherited = p.out != nil && p.out.console
	return s, true
}

func (s *stream) leadsTo() sys.Sink {
	if s == nil {
		return nil
	}
	return s.sink
}

// ControlFile reads a cgroup file without a call of gosv: no fault applies, and the trace
// has no line for it. ok is false if the file does not exist.
func (w *World) ControlFile(name string) (text string, ok bool) {
	if w.cgroups == nil || !w.cgroups.holds(name) {
		return "", false
	}
	text, errno := w.cgroups.readFile(name)
	return text, errno == 0
}
