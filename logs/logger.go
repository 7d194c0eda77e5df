package logs

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// NewLogger returns a logger for the supervisor's own log, from level Info. It
// never waits. A record that does not fit into the queue of the destination is
// dropped, whatever the policy, and a warning with the number of dropped records
// goes before the next one that fits. Each record is one line.
func NewLogger(dest *Destination, format Format) *slog.Logger {
	return slog.New(newHandler(&recordWriter{dest: dest, format: format}, format))
}

func newHandler(w io.Writer, format Format) slog.Handler {
	if format == JSON {
		return slog.NewJSONHandler(w, nil)
	}
	return &textHandler{out: w, journal: format == Journal}
}

// recordWriter receives one formatted record with each Write.
type recordWriter struct {
	dest   *Destination
	format Format

	mu      sync.Mutex
	dropped int // records not yet reported
}

// Write never fails: the caller could not handle an error.
func (w *recordWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dest.put(w.dropReport(), p) {
		w.dropped = 0
	} else {
		w.dropped++
	}
	return len(p), nil
}

// dropReport returns the record that reports the dropped ones, or "".
func (w *recordWriter) dropReport() string {
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
