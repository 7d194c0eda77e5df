// Package eventlog writes what a supervisor reports as lines of JSON: every change of a
// service, and every event with its fields. Programs read it; gosv chaos judges by it.
package eventlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// event is one line of the event log (--events): a change of a service, or a fact
// of another type with its fields.
type event struct {
	Type     string        `json:"type"`         // "change"
	Time     time.Time     `json:"time"`         // wall-clock time of writing, UTC
	At       time.Duration `json:"monotonic_ns"` // CLOCK_MONOTONIC
	Service  string        `json:"service"`
	From     string        `json:"from"`
	To       string        `json:"to"`
	Cause    string        `json:"cause"`
	Pid      int           `json:"pid,omitempty"`
	Attempt  int           `json:"attempt"`
	Restarts int           `json:"restarts"`
	Delay    time.Duration `json:"delay_ns,omitempty"`
	Outcome  string        `json:"outcome,omitempty"` // for people
	// How the main process ended: one of the two, or none if that is not known.
	ExitCode *int   `json:"exit_code,omitempty"`
	Signal   string `json:"signal,omitempty"`
	// What failed of a start, as SpawnFailed reports it.
	Step  string `json:"step,omitempty"`
	Errno int    `json:"errno,omitempty"`
}

// Log is an observer that writes every change and event, and passes it on to the next
// observer.
type Log struct {
	supervisor.Observer
	file      *os.File // nil: dest belongs to another
	dest      *logs.Destination
	monotonic func(time.Duration) time.Duration
}

// eventsMax is what waits for a reader, in bytes, before lines are dropped.
const eventsMax = 64 << 20

// Open opens a file for events, to which they are appended. Opening a FIFO does not wait
// for its reader, fifo(7): the reader must be there already.
func Open(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK, 0o644)
	if errors.Is(err, syscall.ENXIO) {
		return nil, fmt.Errorf("nobody reads from %s: start its reader first", name)
	}
	return f, err
}

// New returns a log that writes to file and passes everything on to next. monotonic
// converts an instant of the supervisor to CLOCK_MONOTONIC. onFailure is called with the
// error when lines begin to get lost, and with nil when they are written again.
func New(file *os.File, next supervisor.Observer, monotonic func(time.Duration) time.Duration, onFailure func(error)) *Log {
	dest := logs.NewDestination(file, logs.Options{Policy: logs.Drop, QueueMax: eventsMax, OnFailure: onFailure})
	return &Log{Observer: next, file: file, dest: dest, monotonic: monotonic}
}

// NewShared returns a log that writes to the Destination of another output, which leads
// to the same file. Close leaves it open.
func NewShared(dest *logs.Destination, next supervisor.Observer, monotonic func(time.Duration) time.Duration) *Log {
	return &Log{Observer: next, dest: dest, monotonic: monotonic}
}

// Close writes what is left, for at most the time given. The error reports lost lines.
func (l *Log) Close(bound time.Duration) error {
	if l.file == nil {
		return nil
	}
	if lost := l.dest.Close(bound); lost.LostLines > 0 {
		return fmt.Errorf("%d lines were lost: %s did not take them", lost.LostLines, l.file.Name())
	}
	return nil
}

// Changed implements supervisor.Observer.
func (l *Log) Changed(c supervisor.Change) {
	e := event{
		Type: "change", Time: time.Now().UTC(), At: l.monotonic(c.At), Service: c.Service, From: c.From.String(), To: c.State.Phase.String(), Cause: c.Cause.String(),
		Pid: c.Pid, Attempt: c.State.Attempt, Restarts: c.State.Restarts,
	}
	if c.State.Phase == lifecycle.Backoff {
		e.Delay = c.State.Deadline - c.At
	}
	switch c.Cause {
	case lifecycle.MainExited, lifecycle.SpawnFailed, lifecycle.Emptied:
		e.Outcome = c.State.Last.String()
		e.setEnd(c.State.Last)
	}
	l.write(e)
	l.Observer.Changed(c)
}

// setEnd sets the fields that say how a run or a start ended.
func (e *event) setEnd(last lifecycle.Outcome) {
	switch last.Cause {
	case lifecycle.ByExit:
		e.ExitCode = &last.Code
	case lifecycle.BySignal:
		e.Signal = signame.Name(last.Signal)
	case lifecycle.StartFailed:
		e.Step, e.Errno = last.Step, int(last.Errno)
	}
}

// fact is one line of the event log that is not about a service's phase.
type fact struct {
	Type    string         `json:"type"`
	Time    time.Time      `json:"time"`
	At      time.Duration  `json:"monotonic_ns"`
	Level   string         `json:"level"`
	Service string         `json:"service,omitempty"`
	Text    string         `json:"text"`
	Fields  map[string]any `json:"fields,omitempty"`
}

// Event implements supervisor.Observer.
func (l *Log) Event(at time.Duration, e supervisor.Event) {
	l.write(fact{
		Type: supervisor.EventType(e), Time: time.Now().UTC(), At: l.monotonic(at), Level: e.Level().String(), Service: e.Of(),
		Text: e.String(), Fields: supervisor.EventFields(e),
	})
	l.Observer.Event(at, e)
}

func (l *Log) write(line any) {
	if text, err := json.Marshal(line); err == nil {
		l.dest.WriteBlock(string(text))
	}
}
