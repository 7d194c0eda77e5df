package backend

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Names implements control.Backend.
func (b *Board) Names() []string {
	statuses := b.sup.Statuses()
	names := make([]string, len(statuses))
	for i, st := range statuses {
		names[i] = st.Name
	}
	return names
}

// Services implements control.Backend.
func (b *Board) Services(names []string, view control.View) []api.Service {
	statuses := map[string]*supervisor.Status{}
	for _, st := range b.sup.Statuses() {
		statuses[st.Name] = st
	}
	now, wall, confs := b.opt.Clock.Now(), b.opt.Clock.Wall(), *b.confs.Load()
	found := make([]api.Service, 0, len(names))
	for _, name := range names {
		st := statuses[name]
		if st == nil {
			continue
		}
		svc := api.Service{Name: name, Status: b.status(st, now, wall)}
		conf, known := confs[name] // unknown while it is being removed
		svc.Status.MaxRestarts = conf.MaxRestarts
		if view.Spec && known {
			svc.Spec = spec(conf, view.Secrets)
		}
		if view.Exits {
			svc.Status.Exits = b.exitsOf(name)
		}
		found = append(found, svc)
	}
	if view.Usage && b.opt.Files != nil {
		b.addUsage(found)
	}
	return found
}

func (b *Board) status(st *supervisor.Status, now time.Duration, wall time.Time) api.Status {
	s := st.State
	at := func(t time.Duration) time.Time { return wall.Add(t - now).Round(time.Millisecond) }
	status := api.Status{
		State: api.State(s.Phase.String()), Desired: desired(s), Since: at(s.Since), PID: st.Pid,
		Restarts: s.Restarts, Consecutive: s.Attempt, Generation: s.Generation,
		Unkillable: s.Stuck, Cgroup: st.Leaf,
	}
	if st.Pid != 0 {
		status.UptimeSeconds = seconds(now - s.ExecAt)
	}
	if s.Deadline != lifecycle.Never {
		deadline := at(s.Deadline)
		switch s.Phase {
		case lifecycle.Backoff:
			status.NextStart = &deadline
		case lifecycle.Stopping, lifecycle.Starting:
			status.Deadline = &deadline
		}
	}
	if exits := b.exitsOf(st.Name); len(exits) > 0 {
		status.LastExit = &exits[len(exits)-1]
	}
	return status
}

func (b *Board) exitsOf(service string) []api.Exit {
	r, known := b.records.Load(service)
	if !known {
		return nil
	}
	if exits := r.(*record).exits.Load(); exits != nil {
		return *exits
	}
	return nil
}

// hidden stands for the values of env.
const hidden = "(hidden)"

func spec(svc config.Service, secrets bool) json.RawMessage {
	if len(svc.Env) > 0 && !secrets {
		env := make(map[string]string, len(svc.Env))
		for name := range svc.Env {
			env[name] = hidden
		}
		svc.Env = env
	}
	text, err := svc.Text()
	if err != nil {
		return nil // a size that no file can give
	}
	return slices.Clip(text)
}

func desired(s lifecycle.State) api.Desired {
	if s.Wanted {
		return api.Up
	}
	return api.Down
}

// describeExit puts an outcome into the API's words.
func describeExit(o lifecycle.Outcome) api.Exit {
	exit := api.Exit{Code: o.ExitCode(), CoreDumped: o.Core, OOM: o.OOM, Error: o.Err, Text: o.String()}
	switch o.Cause {
	case lifecycle.ByExit:
		exit.Cause = api.ByExit
	case lifecycle.BySignal:
		exit.Cause, exit.Signal = api.BySignal, signame.Name(o.Signal)
	case lifecycle.StartFailed:
		exit.Cause = api.StartFailed
	case lifecycle.StartTimeout:
		exit.Cause = api.StartTimeout
	default:
		exit.Cause = api.UnknownCause
	}
	return exit
}

// seconds keeps milliseconds: more is noise in an answer.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
