package tracesys

import (
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sys"
)

// Spawn implements sys.Spawner.
func (k *Kernel) Spawn(req sys.SpawnRequest) {
	began := k.kernel.Now()
	k.kernel.Spawn(req)
	k.record(began, "spawn", nil, func(n *names, c *call) {
		c.Args = []string{start(req.ID), req.Path}
		for _, entry := range req.Env {
			if value, ok := strings.CutPrefix(entry, invocationPrefix); ok {
				c.Args = append(c.Args, "invocation", n.Invocation(value))
				break
			}
		}
		if req.Cgroup != "" {
			c.Args = append(c.Args, map[bool]string{true: "move-in", false: "cgroup"}[req.MoveIn], req.Cgroup)
		}
		if req.Inherit {
			c.Args = append(c.Args, "inherit")
		}
		if req.Setsid {
			c.Args = append(c.Args, "setsid")
		}
	})
}

// Spawned implements sys.Spawner. A child is shown as start:process:handle, a
// failure as start:step:errno.
func (k *Kernel) Spawned() []sys.SpawnResult {
	began := k.kernel.Now()
	results := k.kernel.Spawned()
	k.record(began, "spawned", nil, func(n *names, c *call) {
		for _, r := range results {
			word := start(r.ID) + ":"
			if fail, failed := r.Err.(*sys.SpawnError); failed {
				word += string(fail.Step) + ":" + errnoName(fail.Err)
			} else {
				word += n.Pid(r.Child.Pid) + ":" + n.newHandle(r.Child.Handle)
			}
			c.Result = append(c.Result, word)
		}
	})
	return results
}

// Abort implements sys.Spawner.
func (k *Kernel) Abort(id sys.SpawnID) {
	began := k.kernel.Now()
	k.kernel.Abort(id)
	k.record(began, "abort", nil, func(_ *names, c *call) { c.Args = []string{start(id)} })
}

// CloseOutput implements sys.Spawner.
func (k *Kernel) CloseOutput(id sys.SpawnID) {
	began := k.kernel.Now()
	k.kernel.CloseOutput(id)
	k.record(began, "close-output", nil, func(_ *names, c *call) { c.Args = []string{start(id)} })
}

// Exited implements sys.Reaper.
func (k *Kernel) Exited() []sys.Handle {
	began := k.kernel.Now()
	handles := k.kernel.Exited()
	k.record(began, "exited", nil, func(n *names, c *call) {
		for _, h := range handles {
			c.Result = append(c.Result, n.handle(h))
		}
	})
	return handles
}

// Peek implements sys.Reaper.
func (k *Kernel) Peek(h sys.Handle) (st sys.Status, ended bool, err error) {
	began := k.kernel.Now()
	st, ended, err = k.kernel.Peek(h)
	k.record(began, "peek", err, func(n *names, c *call) {
		c.Args, c.Result = []string{n.handle(h)}, ending(st, ended)
	})
	return st, ended, err
}

// Reap implements sys.Reaper.
func (k *Kernel) Reap(h sys.Handle) (st sys.Status, ended bool, err error) {
	began := k.kernel.Now()
	st, ended, err = k.kernel.Reap(h)
	k.record(began, "reap", err, func(n *names, c *call) {
		c.Args, c.Result = []string{n.handle(h)}, ending(st, ended)
	})
	return st, ended, err
}

// ending is the result of a wait: "exit 3", "killed TERM", "killed SEGV core", or
// "lives".
func ending(st sys.Status, ended bool) []string {
	switch {
	case !ended:
		return []string{"lives"}
	case st.Signal == 0:
		return []string{"exit", strconv.Itoa(st.Code)}
	case st.Core:
		return []string{"killed", signame.Name(st.Signal), "core"}
	}
	return []string{"killed", signame.Name(st.Signal)}
}

// Orphans implements sys.Reaper: "none", "lives", or a process and how it
// ended.
func (k *Kernel) Orphans() (orphans sys.Orphans, err error) {
	began := k.kernel.Now()
	orphans, err = k.kernel.Orphans()
	k.record(began, "peek-orphan", err, func(n *names, c *call) {
		switch {
		case !orphans.Exist:
			c.Result = []string{"none"}
		case orphans.Zombie == 0:
			c.Result = []string{"lives"}
		default:
			c.Result = append([]string{n.Pid(orphans.Zombie)}, ending(orphans.Status, true)...)
		}
	})
	return orphans, err
}

// AnyZombie implements sys.Reaper: "none", or a process and how it ended.
func (k *Kernel) AnyZombie() (pid int, st sys.Status, err error) {
	began := k.kernel.Now()
	pid, st, err = k.kernel.AnyZombie()
	k.record(began, "peek-any", err, func(n *names, c *call) {
		if c.Result = []string{"none"}; pid != 0 {
			c.Result = append([]string{n.Pid(pid)}, ending(st, true)...)
		}
	})
	return pid, st, err
}

// GroupAlive implements sys.Reaper: "lives" or "none".
func (k *Kernel) GroupAlive(h sys.Handle) (lives bool, err error) {
	began := k.kernel.Now()
	lives, err = k.kernel.GroupAlive(h)
	k.record(began, "group-lives", err, func(n *names, c *call) {
		c.Args, c.Result = []string{n.handle(h)}, []string{map[bool]string{true: "lives", false: "none"}[lives]}
	})
	return lives, err
}

// ReapPid implements sys.Reaper.
func (k *Kernel) ReapPid(pid int) (sys.Status, error) {
	began := k.kernel.Now()
	st, err := k.kernel.ReapPid(pid)
	k.record(began, "reap-orphan", err, func(n *names, c *call) {
		c.Args, c.Result = []string{n.Pid(pid)}, ending(st, true)
	})
	return st, err
}

// Stopped implements sys.Terminal.
func (k *Kernel) Stopped(h sys.Handle) (sig syscall.Signal, stopped bool, err error) {
	began := k.kernel.Now()
	sig, stopped, err = k.kernel.Stopped(h)
	k.record(began, "stopped", err, func(n *names, c *call) {
		if c.Args = []string{n.handle(h)}; stopped {
			c.Result = []string{signame.Name(sig)}
		}
	})
	return sig, stopped, err
}

// Signal implements sys.Signaler.
func (k *Kernel) Signal(h sys.Handle, sig syscall.Signal) error {
	began := k.kernel.Now()
	err := k.kernel.Signal(h, sig)
	k.record(began, "signal", err, func(n *names, c *call) { c.Args = []string{n.handle(h), signame.Name(sig)} })
	return err
}

// SignalGroup implements sys.Signaler.
func (k *Kernel) SignalGroup(h sys.Handle, sig syscall.Signal) error {
	began := k.kernel.Now()
	err := k.kernel.SignalGroup(h, sig)
	k.record(began, "signal-group", err, func(n *names, c *call) { c.Args = []string{n.handle(h), signame.Name(sig)} })
	return err
}

// OpenPid implements sys.Signaler.
func (k *Kernel) OpenPid(pid int) (sys.Handle, error) {
	began := k.kernel.Now()
	h, err := k.kernel.OpenPid(pid)
	k.record(began, "open-pid", err, func(n *names, c *call) {
		if c.Args = []string{n.Pid(pid)}; err == nil {
			c.Result = []string{n.newHandle(h)}
		}
	})
	return h, err
}

// Close implements sys.Signaler. The name is given up before the handle is: its
// number may be another's as soon as it is closed.
func (k *Kernel) Close(h sys.Handle) {
	began := k.kernel.Now()
	k.mu.Lock()
	name := k.names.takeHandle(h)
	k.mu.Unlock()
	k.kernel.Close(h)
	k.record(began, "close", nil, func(_ *names, c *call) { c.Args = []string{name} })
}
