package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// logObserver writes what the supervisor reports into gosv's log.
type logObserver struct {
	log      *slog.Logger
	exits    *exitLog
	dest     *logs.Destination
	services map[string]config.Service
}

func newLogObserver(log *slog.Logger, exits *exitLog, dest *logs.Destination, services []config.Service) *logObserver {
	o := &logObserver{log: log, exits: exits, dest: dest, services: make(map[string]config.Service, len(services))}
	for _, svc := range services {
		o.services[svc.Name] = svc
	}
	return o
}

// configure replaces the configuration that messages refer to. Like every method of an
// observer it belongs to the loop.
func (o *logObserver) configure(services []config.Service) {
	clear(o.services)
	for _, svc := range services {
		o.services[svc.Name] = svc
	}
}

// Changed implements supervisor.Observer.
func (o *logObserver) Changed(c supervisor.Change) {
	s := c.State
	if s.Phase == c.From {
		return
	}
	attrs := []any{"service", c.Service}
	if c.Pid != 0 && s.Phase != lifecycle.Backoff {
		attrs = append(attrs, "pid", c.Pid)
	}
	hasRun := s.Last.Cause != lifecycle.StartFailed
	switch s.Phase {
	case lifecycle.Running:
		o.exits.log(c.Service, slog.LevelInfo, false, "started", attrs...)
	case lifecycle.Backoff:
		o.exits.log(c.Service, slog.LevelWarn, hasRun, fmt.Sprintf("%v; %s in %v", s.Last, o.nextStart(c), (s.Deadline-c.At).Round(time.Millisecond)), attrs...)
	case lifecycle.Stopping:
		o.exits.log(c.Service, slog.LevelInfo, false, "stopping", attrs...)
	case lifecycle.Stopped:
		if s.Last.Cause == lifecycle.NoOutcome {
			o.exits.log(c.Service, slog.LevelInfo, false, "stopped before it was started", attrs...)
			return
		}
		o.exits.log(c.Service, slog.LevelInfo, hasRun, fmt.Sprintf("stopped: %v", s.Last), attrs...)
	case lifecycle.Exited:
		o.exits.log(c.Service, slog.LevelInfo, hasRun, fmt.Sprintf("ended: %v", s.Last), attrs...)
	case lifecycle.Failed:
		if s.Last.Final && s.Last.Cause != lifecycle.StartFailed { // Ctrl-C, by the user of --run
			o.exits.log(c.Service, slog.LevelInfo, hasRun, fmt.Sprintf("ended from the terminal: %v", s.Last), attrs...)
			return
		}
		if s.Attempt > 0 {
			attrs = append(attrs, "consecutive_restarts", s.Attempt)
		}
		o.exits.log(c.Service, slog.LevelError, hasRun, fmt.Sprintf("failed: %v%s", s.Last, o.whyNoMore(c)), attrs...)
	}
}

// whyNoMore returns why a service that failed is not started again, unless its last
// exit explains it.
func (o *logObserver) whyNoMore(c supervisor.Change) string {
	switch svc, done := o.services[c.Service], c.State.Attempt; {
	case svc.Restart == config.RestartNever:
		return " (\"restart\" is \"never\")"
	case c.State.Last.Final, done < svc.MaxRestarts, svc.MaxRestarts == config.Unlimited:
		return ""
	case done == 0:
		return " (max_restarts is 0)"
	case done == 1:
		return " after 1 restart (max_restarts)"
	default:
		return fmt.Sprintf(" after %d restarts in a row (max_restarts)", done)
	}
}

func (o *logObserver) nextStart(c supervisor.Change) string {
	if !c.State.Counted {
		return "trying again"
	}
	limit := o.services[c.Service].MaxRestarts
	if limit == config.Unlimited {
		return fmt.Sprintf("restart %d", c.State.Attempt)
	}
	return fmt.Sprintf("restart %d of %d", c.State.Attempt, limit)
}

// Event implements supervisor.Observer.
func (o *logObserver) Event(_ time.Duration, e supervisor.Event) {
	levels := [...]slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
	var attrs []any
	if e.Of() != "" {
		attrs = append(attrs, "service", e.Of())
	}
	o.log.Log(context.Background(), levels[e.Level()], e.String(), attrs...)
}

// Dumped implements supervisor.Observer.
func (o *logObserver) Dumped(text string) { o.dest.WriteBlock(text) }
