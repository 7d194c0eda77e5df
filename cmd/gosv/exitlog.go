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
	waiting  map[string][]*serviceRecord
}

// capture is the output of one start. The lock of the exitLog guards closed.
type capture struct {
	*logs.Recorder
	closed bool
	end    func()
}

// Close implements sys.Sink.
func (c *capture) Close() {
	c.Recorder.Close()
	c.end()
}

// serviceRecord is a record that may have to wait.
type serviceRecord struct {
	slog.Record
	exitOf  *capture // nil: it reports no exit
	expired bool     // it has waited for exitLogBound
}

func (r *serviceRecord) ready() bool { return r.exitOf == nil || r.exitOf.closed || r.expired }

func newExitLog(log *slog.Logger, history *logs.History) *exitLog {
	return &exitLog{handler: log.Handler(), history: history, captures: map[string]*capture{}, waiting: map[string][]*serviceRecord{}}
}

// capture returns a Sink for one start of a service, which passes everything to next.
func (l *exitLog) capture(service string, next sys.Sink) sys.Sink {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &capture{Recorder: l.history.Record(service, next)}
	c.end = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		c.closed = true
		l.flush(service)
	}
	l.captures[service] = c
	return c
}

// log logs a record about a service. It does not wait: the record may be logged later,
// with the time of this call.
func (l *exitLog) log(service string, level slog.Level, exit bool, text string, attrs ...any) {
	r := &serviceRecord{Record: slog.NewRecord(time.Now(), level, text, 0)}
	r.Add(attrs...)
	l.mu.Lock()
	defer l.mu.Unlock()
	if exit {
		r.exitOf = l.captures[service]
	}
	l.waiting[service] = append(l.waiting[service], r)
	if l.flush(service); r.ready() {
		return
	}
	time.AfterFunc(exitLogBound, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		r.expired = true
		l.flush(service)
	})
}

// flush logs the records of a service up to one that must wait. The caller holds l.mu.
func (l *exitLog) flush(service string) {
	queue := l.waiting[service]
	for len(queue) > 0 && queue[0].ready() {
		l.write(queue[0])
		queue = queue[1:]
	}
	if l.waiting[service] = queue; len(queue) == 0 {
		delete(l.waiting, service)
	}
}

func (l *exitLog) write(r *serviceRecord) {
	last := ""
	if r.exitOf != nil {
		last = r.exitOf.Last()
	}
	if len(last) > lastOutputMax {
		last = last[:lastOutputMax] + "..."
	}
	if last != "" {
		r.AddAttrs(slog.String("last_output", last))
	}
	// The writer of gosv's log never fails.
	_ = l.handler.Handle(context.Background(), r.Record)
}

// close logs what still waits.
func (l *exitLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for service, queue := range l.waiting {
		for _, r := range queue {
			r.expired = true
		}
		l.flush(service)
	}
}
