package fakesys

import (
	"fmt"
	"path"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/testproc"
)

// process is one entry of the process table.
type process struct {
	pid, pgid, sid int
	parent         *process
	children       []*process // oldest first
	born           time.Duration
	tick           int  // born, in clock ticks as in /proc
	system         bool // gosv or the world's init, which run no script
	subreaper      bool
	spawn          *spawning // the request that created it, nil if another process forked it
	sibling        bool      // gosv's child by CLONE_PARENT of a child of Spawn
	handle         sys.Handle
	tty            bool // has the world's terminal as controlling terminal

	attributes *attributes // nil: those of gosv

	path string
	args []string
	env  []string
	dir  string
	rss  int64
	cpu  time.Duration
	out  *stream
	err  *stream

	cgroup       *cgroup
	signals      signalState
	blocked      bool // every signal that can be blocked is
	stopped      bool
	stopSig      syscall.Signal // the signal that stopped it
	reported     bool           // waitid(WSTOPPED) has returned the stop
	foreign      bool           // it belongs to another user: gosv's signals fail with EPERM
	leaderExited bool           // its first thread has exited, others run
	noMemory     bool           // it is exiting and has released its memory
	left         bool           // it is exiting and has left its cgroup
	dead         bool           // a zombie
	tracer       *process       // waits for its exit first; nil if it is not traced
	traced       []*process     // the processes that it traces
	reaped       bool
	stolen       bool // reaped by another process than gosv
	status       sys.Status

	frames []frame
	turn   *event // its next turn, nil while it waits
	timer  *event
	slept  bool // the timer has fired
	hang   bool // in uninterruptible sleep
}

// fork creates a child in the session, process group and cgroup of p.
func (w *World) fork(p *process, parent *process, body []testproc.Op) (*process, syscall.Errno) {
	if p.cgroup != nil {
		if errno := p.cgroup.mayFork(1); errno != 0 {
			return nil, errno
		}
	}
	pid, ok := w.newPid()
	if !ok {
		return nil, syscall.EAGAIN
	}
	c := &process{pid: pid, pgid: p.pgid, sid: p.sid, path: p.path, args: p.args, env: p.env, dir: p.dir, rss: p.rss, tty: p.tty, foreign: p.foreign, attributes: p.attributes}
	c.signals.ignored = p.signals.ignored
	c.out, c.err = p.out.share(), p.err.share()
	c.frames = []frame{{ops: body}}
	w.insert(c, parent)
	if p.cgroup != nil {
		w.cgroups.join(c, p.cgroup)
	}
	w.note(p.pid, EvFork, pid, parent.pid, "", 0)
	if p.signals.handling {
		w.Fire(ForksOn)
	}
	w.kick(c)
	return c, 0
}

// SetEnv replaces the environment of a living process, as a program does that overwrites
// the memory in which execve(2) placed it.
func (w *World) SetEnv(pid int, env []string) {
	p := w.find(pid)
	if p == nil || p.dead {
		panic(fmt.Sprintf("fakesys: SetEnv of PID %d, which is not alive", pid))
	}
	p.env = env
}

// leaveCgroup removes an exiting process from its cgroup, once.
func (w *World) leaveCgroup(p *process) {
	if p.cgroup != nil && !p.left {
		p.left = true
		w.cgroups.leave(p)
	}
}

// exit makes p a zombie (do_exit): it leaves its cgroup and closes its files, its children
// are reparented, and its parent is notified.
func (w *World) exit(p *process, st sys.Status) {
	p.status = st
	w.note(p.pid, EvExit, st.Code, int(st.Signal), "", 0)
	p.dead, p.stopped, p.hang = true, false, false
	w.queue.cancel(p.turn)
	w.queue.cancel(p.timer)
	p.turn, p.timer, p.frames = nil, nil, nil
	p.signals = signalState{}
	w.table.version++
	if st.Core || st.Code == 126 || st.Code == 127 {
		w.Fire(OddStatus)
	}
	if p.spawn != nil && p.out != nil && p.out.holders > 1 {
		w.Fire(OutputHeld)
	}
	w.closeStreams(p)
	w.leaveCgroup(p)
	w.reparentChildren(p)
	w.orphaned(p, p.parent, p)
	if p.spawn != nil {
		p.spawn.died()
	}
	w.notifyParent(p)
	w.detachTracees(p)
}

// detachTracees ends the tracing by p. From now on the parents of its tracees wait for
// their exits (exit_ptrace).
func (w *World) detachTracees(p *process) {
	traced := p.traced
	p.traced = nil
	for _, t := range traced {
		t.tracer = nil
		if t.dead && !t.reaped {
			w.note(t.pid, EvAdopt, t.parent.pid, 0, "", 0)
			w.notifyParent(t)
		}
	}
}

// waitable reports whether the parent can wait for the end of p.
func (p *process) waitable() bool { return p.dead && p.tracer == nil }

// reparentChildren makes the children of p children of the nearest subreaper above it, or
// of the init of the world (find_new_reaper).
func (w *World) reparentChildren(p *process) {
	if len(p.children) == 0 {
		return
	}
	reaper := p.parent
	for reaper != nil && !(reaper.subreaper && !reaper.dead) && reaper != w.table.init {
		reaper = reaper.parent
	}
	orphans := p.children
	p.children = nil
	for _, c := range orphans {
		if reaper == nil {
			panic("fakesys: the init of the world died with children")
		}
		w.adopt(c, reaper)
		w.orphaned(c, p, nil)
	}
}

func (w *World) adopt(c, reaper *process) {
	c.parent, c.sibling = reaper, false
	reaper.children = append(reaper.children, c)
	w.note(c.pid, EvAdopt, reaper.pid, 0, "", 0)
	if c.dead {
		w.notifyParent(c)
	}
}

// notifyParent sends SIGCHLD. The world's init reaps the child at once, and so does the
// kernel for a parent that ignores SIGCHLD.
func (w *World) notifyParent(p *process) {
	parent := p.parent
	switch {
	case parent == nil:
	case p.tracer != nil:
		w.Fire(TracerFirst)
		if w.kernel != nil && parent == w.kernel.self {
			w.kernel.tracedChildEnded(p)
		}
	case parent == w.table.init || parent.signals.ignored.has(syscall.SIGCHLD):
		w.reap(p)
		w.kick(parent)
	case w.kernel != nil && parent == w.kernel.self:
		w.kernel.childEnded(p)
	default:
		w.send(nil, parent, syscall.SIGCHLD)
		w.kick(parent)
	}
}

// reap removes a zombie. Its PID may be reused when its process group is empty.
func (w *World) reap(p *process) {
	p.reaped = true
	if i := slices.Index(p.parent.children, p); i >= 0 {
		p.parent.children = slices.Delete(p.parent.children, i, i+1)
	}
	if p.spawn != nil {
		p.spawn.retire()
	}
	t := &w.table
	t.byPid[p.pid] = nil
	if p.cgroup != nil {
		p.cgroup.uncharge()
	}
	t.live--
	t.version++
	t.unuse(p.sid)
	t.unuse(p.pgid)
	t.unuse(p.pid)
	w.note(0, EvReaped, p.pid, 0, "", 0)
}

// comm is the name of a process in /proc, at most 15 bytes.
func (p *process) comm() string {
	name := path.Base(p.path)
	return name[:min(len(name), 15)]
}

// letter returns the state in /proc/PID/stat. A frozen process shows S.
func (p *process) letter() byte {
	switch {
	case p.dead || p.leaderExited:
		return 'Z'
	case p.hang:
		return 'D'
	case p.stopped:
		return 'T'
	case p.turn != nil && !p.frozen():
		return 'R'
	}
	return 'S'
}

func (p *process) frozen() bool { return p.cgroup != nil && p.cgroup.frozen > 0 }
