package control

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosv/gosv/control/api"
)

// streamEvents sends events as lines of JSON, or as server-sent events to those
// who accept only these.
func (s *Server) streamEvents(w http.ResponseWriter, req *http.Request) error {
	last := s.opt.Events.Last()
	after, err := number(req, "after", last, 1<<63)
	if err != nil {
		return err
	}
	if id := req.Header.Get("Last-Event-ID"); id != "" { // an EventSource that reconnects
		if after, err = strconv.ParseUint(id, 10, 63); err != nil {
			return problem(CodeBadParameter, "Last-Event-ID must be a number, not %q", id)
		}
	}
	follow, err := flag(req, "follow", true)
	if err != nil {
		return err
	}
	events, err := s.opt.Events.After(after, streamBatch)
	if err != nil {
		return problem(CodeEventsGone, "the events after %d are not kept; the newest is %d", after, last)
	}
	out := newStream(w, req, s.opt.Patience)
	services := req.URL.Query()["service"]
	for {
		for _, e := range events {
			after = e.Seq
			if len(services) == 0 || slices.Contains(services, e.Service) {
				if err := out.send(e.Seq, e); err != nil {
					return s.lose(err)
				}
			}
		}
		if !follow && len(events) == 0 {
			return nil
		}
		if err := out.flush(); err != nil {
			return s.lose(err)
		}
		if len(events) == 0 && !s.awaitEvent(req, out, after) {
			return nil
		}
		if events, err = s.opt.Events.After(after, streamBatch); err != nil {
			return s.lose(err) // it fell behind by the whole ring
		}
	}
}

// streamBatch bounds the events that a stream copies from the ring at once.
const streamBatch = 64

// awaitEvent returns when there is an event after seq, and sends bookmarks until
// then. It reports whether the client is still there.
func (s *Server) awaitEvent(req *http.Request, out *stream, seq uint64) bool {
	bookmarks := time.NewTicker(s.opt.Bookmark)
	defer bookmarks.Stop()
	for {
		select {
		case <-s.opt.Events.Changed(seq):
			return true
		case <-req.Context().Done():
			return false
		case now := <-bookmarks.C:
			err := out.send(seq, api.Event{Seq: seq, Time: now, Type: api.BookmarkEvent})
			if err == nil {
				err = out.flush()
			}
			if err != nil {
				_ = s.lose(err)
				return false
			}
		}
	}
}

// lose ends a stream and counts its client if that did not read in time. The
// answer has begun, so that only the end of the connection can show it.
func (s *Server) lose(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ErrGone) {
		s.counts.slowClients.Add(1)
	}
	panic(http.ErrAbortHandler)
}

// stream writes values one by one, each within a deadline.
type stream struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	sse      bool
}

// newStream begins the answer.
func newStream(w http.ResponseWriter, req *http.Request, patience time.Duration) *stream {
	accept := req.Header.Get("Accept")
	s := &stream{w: w, control: http.NewResponseController(w), patience: patience, sse: strings.Contains(accept, "text/event-stream")}
	kind := "application/x-ndjson"
	if s.sse {
		kind = "text/event-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	return s
}

// send writes one value. seq is what the client resumes after.
func (s *stream) send(seq uint64, value any) error {
	text, err := encode(value)
	if err != nil {
		return err
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(s.patience))
	if s.sse {
		text = slices.Concat([]byte("id: "+strconv.FormatUint(seq, 10)+"\ndata: "), text, []byte("\n"))
	}
	_, err = s.w.Write(text)
	return err
}

func (s *stream) flush() error {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.patience))
	return s.control.Flush()
}
