package fakesys

import "github.com/gosv/gosv/sys"

// Setting is what a process has been given, beside what [Process] tells of it.
type Setting struct {
	Dir            string
	Inherited      bool     // descriptors 0, 1 and 2 are gosv's own; else 0 is /dev/null
	Stdout, Stderr sys.Sink // that the pipes 1 and 2 lead to; nil: /dev/null, or Inherited
	Blocked        bool     // every signal is that can be
	Ignored        bool     // some signal is
	Foreground     bool     // its group has the world's terminal
}

// Setting gives that of a process that lives.
func (w *World) Setting(pid int) (Setting, bool) {
	p := w.find(pid)
	if p == nil || p.dead {
		return Setting{}, false
	}
	s := Setting{Dir: p.dir, Blocked: p.blocked, Ignored: p.signals.ignored != 0, Foreground: w.tty != nil && w.tty.foreground == p.pgid}
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

// ControlFile reads a file of a cgroup as nobody's call: nothing can fail, and the
// trace has no line of it. ok is false if there is no such file.
func (w *World) ControlFile(name string) (text string, ok bool) {
	if w.cgroups == nil || !w.cgroups.holds(name) {
		return "", false
	}
	text, errno := w.cgroups.readFile(name)
	return text, errno == 0
}
