package difftest

import (
	"syscall"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/systest"
)

// files are names that cannot be executed, or as working directory cannot be entered.
var files = map[string]systest.Kind{
	"missing": systest.Missing, "not-executable": systest.NotExecutable, "empty": systest.Empty, "no-interpreter": systest.MissingInterpreter,
	"busy": systest.Busy, "directory": systest.Dir, "looping": systest.Looping, "below-file": systest.BelowFile, "long-name": systest.LongName,
}

// spawn starts a testproc, a file that is none ("missing") or a testproc in a working
// directory that is none ("at-missing").
func (s *Side) spawn(o []string) string {
	*s.nextID++
	st := &start{id: *s.nextID, result: "under way", out: &systest.Lines{}, err: &systest.Lines{}}
	r := sys.SpawnRequest{ID: st.id, Env: []string{"A=1"}, Stdout: st.out, Stderr: st.err}
	what, at := o[0], ""
	if len(what) > 3 && what[:3] == "at-" {
		what, at = "exits", what[3:]
	}
	kind, isFile := files[what]
	switch {
	case isFile:
		r.Path = s.File(kind)
	case what == "unnamed":
		r.Path = "difftest-no-such-program"
	default:
		script, ok := testprocs[what]
		if !ok {
			panic("difftest: there is nothing to start that is called " + what)
		}
		r.Path, r.Args = s.Testproc(script)
	}
	if at != "" {
		r.Dir = s.File(files[at])
	}
	if len(o) == 3 {
		r.Cgroup, r.MoveIn = s.dir(o[2]), o[1] == "moved"
	}
	s.starts = append(s.starts, st)
	s.k.Spawn(r)
	return "ok"
}

// signalOnce signals a process that gosv may have no handle on.
func (s *Side) signalOnce(p *proc, sig syscall.Signal) string {
	if p.handle != 0 {
		return errno(s.k.Signal(p.handle, sig))
	}
	h, err := s.k.OpenPid(p.pid)
	if err != nil {
		return errno(err)
	}
	defer s.k.Close(h)
	return errno(s.k.Signal(h, sig))
}
