package supervisor

import (
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// task is work that may block, and runs outside the loop. It has copies of all
// that it needs of the loop's state, and of the kernel what may be called there.
type task interface {
	run(sys.JobKernel) finished
}

// finished is the outcome of a task: what the loop does with it.
type finished func(*Supervisor)

// submit is the only way out of the loop. It takes no function, which could see
// the Supervisor.
func (s *Supervisor) submit(t task) { s.k.Submit(func(k sys.JobKernel) any { return t.run(k) }) }

// look is what every task needs that looks at processes.
type look struct {
	k     sys.JobKernel // set when the task runs
	self  int
	known map[int]bool // children whose services are known, and those that hung
	blind error        // what /proc shows is nobody's who is looked for
}

func (s *Supervisor) look() look {
	return look{self: s.k.Pid(), known: s.knownPids(), blind: s.opt.Host.Blind}
}

// find looks for processes. Nothing is found where gosv is blind, as was said at its start.
func (l look) find(q procfs.Query) ([]procfs.Member, error) {
	if l.blind != nil {
		return nil, nil
	}
	q.Self, q.Known = l.self, l.known
	return procfs.Find(l.k, q)
}

// hold opens a handle and makes sure that it names the process that was seen:
// the number could have been given to another one in between. A process for
// which no handle can be had now (EMFILE) is a member all the same, out of reach
// until the next census. So is one that has gone since: when this census met
// its children, they were not gosv's yet.
func (l look) hold(found []member, m procfs.Member) []member {
	h, err := l.k.OpenPid(m.Pid)
	if err != nil {
		return append(found, member{m, 0})
	}
	if st, err := procfs.ReadStat(l.k, m.Pid); err != nil || st.StartTime != m.StartTime {
		l.k.Close(h)
		h = 0
	}
	return append(found, member{m, h})
}
