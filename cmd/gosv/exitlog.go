package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/sys"
)

const (
	// exitLogBound is how long the record of an exit waits for the output of the
	// service. A process that the service left behind may hold its pipe open.
	exitLogBound = 300 * time.Millisecond
	// lastOutputMax bounds the line of output in such a record, in bytes.
	lastOutputMax = 200
)

// exitLog logs the exit of a service after the last output of the service, and with
// its last line. Later records of the same service wait behind it.
type exitLog struct {
	handler slog.Handler
	history *logs.History

	mu       sync.Mutex
	captures map[string]*capture // of the last start of each service
}

// capture is the output of one start. The lock of the exitLog guards it.
type capture struct {
	output  *logs.Recorder
	closed  bool
	waiting []serviceRecord
	before  *capture // of the start before, if its records waited at this start
}

type serviceRecord struct {
	slog.Record
	of *capture // whose exit it reports; nil for other records
}

func newExitLog(log *slog.Logger, history *logs.History) *exitLog {
	return &exitLog{handler: log.Handler(), history: history, captures: map[string]*capture{}}
}

// capturedSink reports the end of a start's output.
type capturedSink struct {
	sys.Sink
	end func()
}

func (s *capturedSink) Close() {
	s.Sink.Close()
	s.end()
}

// capture returns a Sink for one start of a service, which passes everything to next.
func (l *exitLog) capture(service string, next sys.Sink) sys.Sink {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &capture{output: l.history.Record(service, next)}
	if before := l.captures[service]; before != nil && len(before.waiting) > 0 {
		c.before = before
	}
	l.captures[service] = c
	return &capturedSink{c.output, func() { l.end(c) }}
}

// end logs what waits for the end of the output.
func (l *exitLog) end(c *capture) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.closed = true
	l.flush(c)
}

// flush logs what waits. The caller holds l.mu.
func (l *exitLog) flush(c *capture) {
	for _, r := range c.waiting {
		l.write(r)
	}
	c.waiting = nil
}

func (l *exitLog) write(r serviceRecord) {
	last := ""
	if r.of != nil {
		last = r.of.output.Last()
	}
	if last != "" {
		if len(last) > lastOutputMax {
			last = last[:lastOutputMax] + "..."
		}
		r.AddAttrs(slog.String("last_output", last))
	}
	// The writer of gosv's log never fails.
	_ = l.handler.Handle(context.Background(), r.Record)
}

// log logs a record about a service. It does not wait: the record may be logged later,
// with the time of this call.
func (l *exitLog) log(service string, level slog.Level, exit bool, text string, attrs ...any) {
	r := serviceRecord{Record: slog.NewRecord(time.Now(), level, text, 0)}
	r.Add(attrs...)
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.captures[service]
	if exit {
		r.of = c
	}
	if c != nil && c.before != nil && len(c.before.waiting) > 0 {
		c = c.before // its records come first
	}
	if c == nil || c.closed || len(c.waiting) == 0 && !exit {
		l.write(r)
		return
	}
	if len(c.waiting) == 0 {
		time.AfterFunc(exitLogBound, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.flush(c)
		})
	}
	c.waiting = append(c.waiting, r)
}

// close logs what still waits.
func (l *exitLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.captures {
		if c.before != nil {
			l.flush(c.before)
		}
		c.closed = true
		l.flush(c)
	}
}
