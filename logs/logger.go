package logs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Format is the form of gosv's own log.
type Format string

const (
	// Text is for people: "15:04:05 WARN cannot start service=web".
	Text Format = "text"
	// JSON is for programs: one object a line, as slog.JSONHandler writes it.
	JSON Format = "json"
)

// ChooseFormat is what --log-format asks for; without it (""), Text on a terminal
// and JSON elsewhere.
func ChooseFormat(flag string, terminal bool) (Format, error) {
	switch f := Format(flag); {
	case f == Text || f == JSON:
		return f, nil
	case flag != "":
		return "", fmt.Errorf("unknown log format %q: use %q or %q", flag, Text, JSON)
	case terminal:
		return Text, nil
	default:
		return JSON, nil
	}
}

// NewLogger makes a logger for gosv's own words, from level Info. It never
// waits: what does not fit into the queue of the destination is dropped,
// whatever its policy, and a warning with the number of lost records goes before
// the next one that fits. Each record is one line.
func NewLogger(dest *Destination, format Format) *slog.Logger {
	return slog.New(newHandler(&recordWriter{dest: dest, format: format}, format))
}

func newHandler(w io.Writer, format Format) slog.Handler {
	if format == JSON {
		return slog.NewJSONHandler(w, nil)
	}
	return &textHandler{out: w}
}

// recordWriter takes one formatted record with each Write.
type recordWriter struct {
	dest   *Destination
	format Format

	mu      sync.Mutex
	dropped int // records not yet announced
}

// Write never fails: the caller could do nothing about it.
func (w *recordWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dest.put(w.announcement(), p) {
		w.dropped = 0
	} else {
		w.dropped++
	}
	return len(p), nil
}

// announcement is the record that says how many were dropped, or empty.
func (w *recordWriter) announcement() string {
	if w.dropped == 0 {
		return ""
	}
	var b bytes.Buffer
	r := slog.NewRecord(time.Now(), slog.LevelWarn, "log records dropped", 0)
	r.AddAttrs(slog.Int("records", w.dropped))
	// A bytes.Buffer never fails.
	_ = newHandler(&b, w.format).Handle(context.Background(), r)
	return b.String()
}
