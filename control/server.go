package control

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/gosv/gosv/control/api"
)

// Options is what a server is made of.
type Options struct {
	Backend Backend
	Events  *EventRing
	Logs    Logs         // nil: no lines are kept
	Log     *slog.Logger // nil: nothing is logged
	Access  Access
	// Config reports which configuration runs; nil: none was read from a file.
	Config func() api.Config
	// Reload reads the configuration again and applies it, or with dryRun only compares
	// it; nil: there is no file.
	Reload func(ctx context.Context, dryRun bool) (api.Reload, error)
	// Metrics appends metrics of the program to those of the services; may be nil.
	Metrics func() []Metric

	MaxConns int           // connections; 0 is DefaultMaxConns
	MaxWaits int           // requests that wait or stream; 0 is half of MaxConns
	Bookmark time.Duration // between bookmarks of a stream; 0 is 15 s
	Patience time.Duration // how long a client may take to read; 0 is 10 s
}

// Bounds. Connections that do not send a request give way to those that do.
const (
	DefaultMaxConns = 512
	maxBody         = 64 << 10
	headerPatience  = 10 * time.Second
	idlePatience    = 60 * time.Second
)

// Server serves the API on any number of listeners.
type Server struct {
	opt    Options
	http   *http.Server
	conns  *connections
	track  *tracker
	waits  atomic.Int64
	counts counts
	ctx    context.Context // ends with Close: streams and waits end with it
	cancel context.CancelFunc
}

// counts are what /metrics says about the server itself.
type counts struct {
	requests    atomic.Int64
	slowClients atomic.Int64 // streams that were ended because their clients did not read
	refused     atomic.Int64 // requests without permission
}

// New makes a server; Serve begins.
func New(opt Options) *Server {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.MaxConns == 0 {
		opt.MaxConns = DefaultMaxConns
	}
	if opt.MaxWaits == 0 {
		opt.MaxWaits = max(1, opt.MaxConns/2)
	}
	if opt.Bookmark == 0 {
		opt.Bookmark = 15 * time.Second
	}
	if opt.Patience == 0 {
		opt.Patience = 10 * time.Second
	}
	s := &Server{opt: opt, conns: newConnections(opt.MaxConns)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.track = newTracker(s.ctx, opt.Backend, opt.Events, opt.Logs)
	s.http = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerPatience,
		ReadTimeout:       headerPatience,
		IdleTimeout:       idlePatience,
		MaxHeaderBytes:    16 << 10,
		ConnState:         s.conns.changed,
		ConnContext:       s.opt.Access.identify,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ErrorLog:          log.New(debugLog{opt.Log}, "", 0),
	}
	return s
}

// debugLog keeps what net/http says about bad clients out of gosv's log, where
// any client could fill the disk with it.
type debugLog struct{ log *slog.Logger }

func (d debugLog) Write(p []byte) (int, error) {
	d.log.Debug(string(p))
	return len(p), nil
}

// Serve answers until Close. It takes the listener over.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot go on listening on %s: %w", l.Addr(), err)
	}
	return nil
}

// Close ends streams and waits, lets other requests finish for at most patience,
// and closes every connection.
func (s *Server) Close(patience time.Duration) {
	s.cancel()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // the listeners are closed already
	}
}

// Handler is the API without a listener.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	known := map[string]bool{}
	for _, r := range routes {
		mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, req *http.Request) { s.answer(w, req, r) })
		if !known[r.path] {
			known[r.path] = true
			mux.HandleFunc(r.path, func(w http.ResponseWriter, req *http.Request) { s.answer(w, req, wrongMethod(r.path)) })
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) { s.answer(w, req, wrongPath) })
	return mux
}

// answer runs one request and turns what goes wrong into a problem.
func (s *Server) answer(w http.ResponseWriter, req *http.Request, r route) {
	s.counts.requests.Add(1)
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			s.opt.Log.Error("a request of the control API panicked", "path", r.path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			writeProblem(w, problem(CodeInternal, "the request failed inside gosv"))
		}
	}()
	req.Body = http.MaxBytesReader(w, req.Body, maxBody)
	if err := s.run(w, req, r); err != nil {
		var p *api.Problem
		if !errors.As(err, &p) {
			s.opt.Log.Error("a request of the control API failed", "path", r.path, "error", err.Error())
			p = problem(CodeInternal, "%v", err)
		}
		writeProblem(w, p)
	}
}

func (s *Server) run(w http.ResponseWriter, req *http.Request, r route) error {
	if err := s.opt.Access.check(req, r.writes); err != nil {
		s.counts.refused.Add(1)
		return err
	}
	if err := checkQuery(req, r.query); err != nil {
		return err
	}
	defer s.conns.busy(req)()
	if r.waits {
		defer s.waits.Add(-1)
		if s.waits.Add(1) > int64(s.opt.MaxWaits) {
			return problem(CodeTooManyClients, "%d requests wait or stream already", s.opt.MaxWaits)
		}
	}
	deadlines := http.NewResponseController(w)
	if r.waits {
		// The deadline for reading the request would end the wait: net/http goes on
		// reading to see the client leave.
		_ = deadlines.SetReadDeadline(time.Time{})
	} else {
		// A client that does not read its answer must not keep the request.
		_ = deadlines.SetWriteDeadline(time.Now().Add(s.opt.Patience))
	}
	return r.serve(s, w, req)
}

func wrongMethod(path string) route {
	return route{path: path, serve: func(_ *Server, w http.ResponseWriter, req *http.Request) error {
		methods := allowed(path)
		for _, m := range methods {
			w.Header().Add("Allow", m)
		}
		return problem(CodeMethod, "%s takes %s, not %s", path, join(methods, "or"), req.Method)
	}}
}

var wrongPath = route{path: "/", serve: func(_ *Server, _ http.ResponseWriter, req *http.Request) error {
	return problem(CodeNotFound, "there is nothing at %s", req.URL.Path)
}}
