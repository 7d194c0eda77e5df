package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// event is one line of the event log (--events): a change of a service, or a fact
// of another type with its fields.
type event struct {
	Type     string        `json:"type"`         // "change"
	At       time.Duration `json:"monotonic_ns"` // CLOCK_MONOTONIC
	Service  string        `json:"service"`
	From     string        `json:"from"`
	To       string        `json:"to"`
	Cause    string        `json:"cause"`
	Pid      int           `json:"pid,omitempty"`
	Attempt  int           `json:"attempt"`
	Restarts int           `json:"restarts"`
	Delay    time.Duration `json:"delay_ns,omitempty"`
	Outcome  string        `json:"outcome,omitempty"`
}

// eventLog writes every change as a line of JSON, and passes everything on.
type eventLog struct {
	supervisor.Observer
	file      *os.File
	dest      *logs.Destination
	monotonic func(time.Duration) time.Duration
}

// eventsMax is what waits for a reader, in bytes, before lines are dropped.
const eventsMax = 64 << 20

// openEvents opens the file of --events; without one there is no log. NopObserver waits
// for the reader of a FIFO, fifo(7): it must be there.
func openEvents(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK, 0o644)
	switch {
	case errors.Is(err, syscall.ENXIO):
		return nil, fmt.Errorf("--events: nobody reads from %s: start its reader first", name)
	case err != nil:
		return nil, fmt.Errorf("--events: %w", err)
	}
	return f, nil
}

// newEventLog gives what writes the log into a file and tells next; nil without a file.
func newEventLog(file *os.File, next supervisor.Observer, monotonic func(time.Duration) time.Duration, log *slog.Logger) *eventLog {
	if file == nil {
		return nil
	}
	failing := sayFailing(log, "events are", file.Name())
	dest := logs.NewDestination(file, logs.Options{Policy: logs.Drop, QueueMax: eventsMax, OnFailure: failing})
	return &eventLog{Observer: next, file: file, dest: dest, monotonic: monotonic}
}

// end writes what is left. The error says that the log is not whole.
func (l *eventLog) end() error {
	if l == nil {
		return nil
	}
	if lost := l.dest.Close(flushBound); lost.LostLines > 0 {
		return fmt.Errorf("--events: %d lines were lost: %s did not take them", lost.LostLines, l.file.Name())
	}
	return nil
}

// Changed implements supervisor.Observer.
func (l *eventLog) Changed(c supervisor.Change) {
	e := event{
		Type: "change", At: l.monotonic(c.At), Service: c.Service, From: c.From.String(), To: c.State.Phase.String(), Cause: c.Cause.String(),
		Pid: c.Pid, Attempt: c.State.Attempt, Restarts: c.State.Restarts,
	}
	if c.State.Phase == lifecycle.Backoff {
		e.Delay = c.State.Deadline - c.At
	}
	switch c.Cause {
	case lifecycle.MainExited, lifecycle.SpawnFailed, lifecycle.Emptied:
		e.Outcome = c.State.Last.String()
	}
	l.write(e)
	l.Observer.Changed(c)
}

// fact is one line of the event log that is not about a service's phase.
type fact struct {
	Type    string         `json:"type"`
	At      time.Duration  `json:"monotonic_ns"`
	Level   string         `json:"level"`
	Service string         `json:"service,omitempty"`
	Text    string         `json:"text"`
	Fields  map[string]any `json:"fields,omitempty"`
}

// Event implements supervisor.Observer.
func (l *eventLog) Event(at time.Duration, e supervisor.Event) {
	l.write(fact{
		Type: supervisor.EventType(e), At: l.monotonic(at), Level: e.Level().String(), Service: e.Of(),
		Text: e.String(), Fields: supervisor.EventFields(e),
	})
	l.Observer.Event(at, e)
}

func (l *eventLog) write(line any) {
	if text, err := json.Marshal(line); err == nil {
		l.dest.WriteBlock(string(text))
	}
}
