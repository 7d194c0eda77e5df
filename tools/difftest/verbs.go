package difftest

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

var verbs = map[string]verb{
	"spawn":       {1, (*Side).spawn}, // WHAT [in DIR | moved DIR]
	"abort":       {1, (*Side).abort},
	"closeoutput": {1, (*Side).closeOutput},
	"order":       {2, (*Side).order}, // PROCESS ORDER
	"signal":      {2, onHandle((*Side).signal)},
	"group":       {2, (*Side).group}, // PROCESS SIGNAL
	"peek":        {1, onHandle(func(s *Side, p *proc, _ []string) string { return ending(s.k.Peek(p.handle)) })},
	"reap":        {1, onHandle((*Side).reap)},
	"stopped": {1, onHandle(func(s *Side, p *proc, _ []string) string {
		sig, stopped, err := s.k.Stopped(p.handle)
		return fmt.Sprintf("stopped %v by %d, %s", stopped, int(sig), errno(err))
	})},
	"open":       {1, (*Side).open},
	"close":      {1, onHandle((*Side).close)},
	"reaporphan": {0, (*Side).reapOrphan},
	"proc":       {2, (*Side).lookAt}, // PROCESS FILE

	"mkdir":   {1, (*Side).mkdir},
	"rmdir":   {1, (*Side).rmdir},
	"write":   {1, (*Side).write}, // FILE WORDS
	"read":    {1, (*Side).read},
	"list":    {1, (*Side).list},
	"watch":   {1, (*Side).watch},
	"unwatch": {1, (*Side).unwatch},
	"lock":    {1, (*Side).lock},
	"unlock":  {1, (*Side).unlock},
}

// onHandle is for operations on a process that gosv has a handle on.
func onHandle(play func(*Side, *proc, []string) string) func(*Side, []string) string {
	return func(s *Side, operands []string) string {
		p := s.process(operands[0])
		if p == nil || p.handle == 0 {
			return idle
		}
		return play(s, p, operands)
	}
}

// process finds the one with a name.
func (s *Side) process(name string) *proc {
	i, err := strconv.Atoi(strings.TrimPrefix(name, "p"))
	if err != nil || i < 1 || i > len(s.procs) {
		return nil
	}
	return s.procs[i-1]
}

func (s *Side) begunStart(name string) *start {
	i, err := strconv.Atoi(strings.TrimPrefix(name, "s"))
	if err != nil || i < 1 || i > len(s.starts) {
		return nil
	}
	return s.starts[i-1]
}

func (s *Side) abort(o []string) string {
	st := s.begunStart(o[0])
	if st == nil {
		return idle
	}
	s.k.Abort(st.id)
	return "ok"
}

func (s *Side) closeOutput(o []string) string {
	st := s.begunStart(o[0])
	if st == nil {
		return idle
	}
	s.k.CloseOutput(st.id)
	return "ok"
}

func (s *Side) signal(p *proc, o []string) string {
	sig := signal(o[1])
	if s.overtakes(p, sig) {
		return idle
	}
	return errno(s.k.Signal(p.handle, sig))
}

// order gives an order, by a signal.
func (s *Side) order(o []string) string {
	p := s.process(o[0])
	if p == nil || p.gone {
		return idle
	}
	for _, order := range orders {
		if order.name == o[1] && s.overtakes(p, order.sig) {
			return idle
		}
		if order.name == o[1] {
			return s.signalOnce(p, order.sig)
		}
	}
	panic("difftest: there is no order " + o[1])
}

// group keeps the contract of SignalGroup: the child is held unreaped.
func (s *Side) group(o []string) string {
	p := s.process(o[0])
	if p == nil || !p.child || p.reaped || p.handle == 0 {
		return idle
	}
	sig := signal(o[1])
	if slices.ContainsFunc(s.procs, func(member *proc) bool { return s.overtakes(member, sig) }) {
		return idle
	}
	return errno(s.k.SignalGroup(p.handle, sig))
}

func (s *Side) reap(p *proc, _ []string) string {
	st, ended, err := s.k.Reap(p.handle)
	p.reaped = p.reaped || ended
	return ending(st, ended, err)
}

func ending(st sys.Status, ended bool, err error) string {
	if err != nil {
		return errno(err)
	}
	if !ended {
		return "has not ended"
	}
	return status(st)
}

// open takes a handle on a process without one; a PID that is free again may be
// a stranger's.
func (s *Side) open(o []string) string {
	p := s.process(o[0])
	if p == nil || p.gone || p.handle != 0 {
		return idle
	}
	h, err := s.k.OpenPid(p.pid)
	if err == nil {
		p.handle = h
	}
	return errno(err)
}

func (s *Side) close(p *proc, _ []string) string {
	s.k.Close(p.handle)
	p.handle = 0
	return "ok"
}

func (s *Side) reapOrphan([]string) string {
	orphans, err := s.k.Orphans()
	if err != nil || orphans.Zombie == 0 {
		return "none, " + errno(err)
	}
	name := s.name(orphans.Zombie)
	st, err := s.k.ReapPid(orphans.Zombie)
	return fmt.Sprintf("%s %s, %s", name, status(st), errno(err))
}

func (s *Side) mkdir(o []string) string {
	err := s.k.Mkdir(s.dir(o[0]))
	if err == nil {
		s.dirs = append(s.dirs, o[0])
		slices.Sort(s.dirs)
	}
	return errno(err)
}

func (s *Side) rmdir(o []string) string {
	err := s.k.Rmdir(s.dir(o[0]))
	if err == nil {
		s.dirs = slices.DeleteFunc(s.dirs, func(f string) bool { return f == o[0] })
	}
	return errno(err)
}

// write puts words into a file; the name of a process stands for its number.
func (s *Side) write(o []string) string {
	words := slices.Clone(o[1:])
	for i, word := range words {
		if p := s.process(word); strings.HasPrefix(word, "p") && number(word[1:]) > 0 {
			if p == nil || p.gone {
				return idle // the number may be a stranger's
			}
			words[i] = strconv.Itoa(p.pid)
		} else if n, err := strconv.ParseInt(word, 0, 64); err == nil && n >= 0 && path.Base(o[0]) == "cgroup.procs" {
			return idle // a stranger: as root, one would move the machine's init, and with 0 oneself
		}
	}
	return errno(s.k.WriteFile(s.dir(o[0]), []byte(strings.Join(words, " "))))
}

func (s *Side) read(o []string) string {
	text, err := s.k.ReadFile(s.dir(o[0]))
	if err != nil {
		return errno(err)
	}
	if strings.HasSuffix(o[0], "cgroup.procs") {
		return s.names(string(text))
	}
	if strings.HasSuffix(o[0], "cgroup.stat") { // the rest depends on the kernel's age
		text, _, _ = bytes.Cut(text, []byte("\n"))
	}
	return fmt.Sprintf("%q", text)
}

// list shows the directories in a directory: which control files there are depends on
// the kernel's age and options.
func (s *Side) list(o []string) string {
	entries, err := s.k.ReadDir(s.dir(o[0]))
	names := slices.DeleteFunc(sys.EntryNames(entries), func(n string) bool { return strings.Contains(n, ".") })
	return fmt.Sprintf("%v %s", names, errno(err))
}

func (s *Side) watch(o []string) string {
	id, err := s.k.Watch(s.dir(o[0]))
	if err == nil {
		if old, ok := s.watches[o[0]]; ok {
			s.k.Unwatch(old)
		}
		s.watches[o[0]] = id
	}
	return errno(err)
}

func (s *Side) unwatch(o []string) string {
	id, ok := s.watches[o[0]]
	if !ok {
		return idle
	}
	delete(s.watches, o[0])
	s.k.Unwatch(id)
	return "ok"
}

func (s *Side) lock(o []string) string {
	err := s.k.Lock(s.dir(o[0]))
	if err == nil {
		s.locks[o[0]] = true
	}
	return errno(err)
}

func (s *Side) unlock(o []string) string {
	if !s.locks[o[0]] {
		return idle
	}
	delete(s.locks, o[0])
	s.k.Unlock(s.dir(o[0]))
	return "ok"
}
