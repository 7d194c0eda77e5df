package control_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

// fakeBackend is a supervisor whose services do what a test says.
type fakeBackend struct {
	ring *control.EventRing

	mu       sync.Mutex
	services []api.Service
	commands []control.Command
	refuse   error
	obey     func(control.Command) // nil: commands stay in the queue
}

func (b *fakeBackend) Names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make([]string, len(b.services))
	for i, svc := range b.services {
		names[i] = svc.Name
	}
	return names
}

func (b *fakeBackend) Services(names []string, view control.View) []api.Service {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []api.Service
	for _, name := range names {
		i := slices.IndexFunc(b.services, func(svc api.Service) bool { return svc.Name == name })
		if i < 0 {
			continue
		}
		svc := b.services[i]
		if !view.Spec {
			svc.Spec = nil
		} else if !view.Secrets {
			svc.Spec = json.RawMessage(strings.ReplaceAll(string(svc.Spec), "swordfish", "(hidden)"))
		}
		if !view.Usage {
			svc.Status.Usage = nil
		}
		if !view.Exits {
			svc.Status.Exits = nil
		}
		found = append(found, svc)
	}
	return found
}

func (b *fakeBackend) Submit(c control.Command) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		return b.refuse
	}
	b.commands = append(b.commands, c)
	if b.obey != nil {
		b.obey(c)
	}
	return nil
}

func (b *fakeBackend) Started() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
func (b *fakeBackend) Version() string    { return "v1.2.3" }

// carryOut says that the supervisor has taken a command.
func (b *fakeBackend) carryOut(c control.Command, to api.State, desired api.Desired) {
	b.ring.Append(api.Event{Type: api.CommandEvent, Service: c.Service, Operation: c.Operation, Cause: string(c.Verb), To: to, Desired: desired})
}

// change says that a service has changed its state.
func (b *fakeBackend) change(service string, from, to api.State, desired api.Desired) {
	b.ring.Append(api.Event{Type: api.StateEvent, Service: service, From: from, To: to, Desired: desired})
}

// world is a server on a unix socket, with a fake backend behind it.
type world struct {
	*fakeBackend
	t      *testing.T
	socket string
	server *control.Server
	client *client.Client
}

func exampleServices() []api.Service {
	since := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	exit := api.Exit{Cause: api.ByExit, Code: 3, Text: "exit status 3", Time: since, PID: 11, Generation: 1, RanSeconds: 1.5}
	return []api.Service{
		{Name: "web", Spec: json.RawMessage(`{"name":"web","command":"/bin/web","env":{"TOKEN":"swordfish"}}`), Status: api.Status{
			State: api.Running, Desired: api.Up, Since: since, PID: 42, UptimeSeconds: 12.5, Restarts: 1, MaxRestarts: 5, Generation: 2,
			Cgroup: "/sys/fs/cgroup/gosv/web/2", LastExit: &exit, Exits: []api.Exit{exit},
			Usage: &api.Usage{Source: api.OfCgroup, MemoryBytes: 1 << 20, CPUSeconds: 0.25, At: since, Pressure: &api.Pressure{CPU: 1}},
		}},
		{Name: "worker", Spec: json.RawMessage(`{"name":"worker","command":"/bin/worker"}`), Status: api.Status{
			State: api.Backoff, Desired: api.Up, Since: since, MaxRestarts: -1, Generation: 1, NextStart: &since, LastExit: &exit, Exits: []api.Exit{exit},
		}},
		{Name: "job", Spec: json.RawMessage(`{"name":"job","command":"/bin/job"}`), Status: api.Status{State: api.Stopped, Desired: api.Down, Since: since}},
	}
}

// serve begins a server with some options changed.
func serve(t *testing.T, change ...func(*control.Options)) *world {
	t.Helper()
	ring := control.NewEventRing(16)
	b := &fakeBackend{ring: ring, services: exampleServices()}
	opt := control.Options{Backend: b, Events: ring, Access: control.Access{Owner: uint32(os.Getuid()), Group: -1}}
	for _, c := range change {
		c(&opt)
	}
	socket := filepath.Join(t.TempDir(), "s")
	l, err := control.Listen(socket, -1)
	require.NoError(t, err)
	s := control.New(opt)
	ended := make(chan error)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close(time.Second)
		require.NoError(t, <-ended)
	})
	return &world{fakeBackend: b, t: t, socket: socket, server: s, client: client.New(socket)}
}

// do sends a request over the socket and returns the answer with its body read.
func (w *world) do(method, path, body string, header ...string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, "http://gosv"+path, strings.NewReader(body))
	require.NoError(w.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", w.socket)
	}}
	resp, err := transport.RoundTrip(req)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return resp, string(text)
}

// problem sends a request that must fail and returns its problem.
func (w *world) problem(method, path, body string, header ...string) api.Problem {
	w.t.Helper()
	resp, text := w.do(method, path, body, header...)
	require.Equal(w.t, api.ProblemType, resp.Header.Get("Content-Type"), text)
	var p api.Problem
	require.NoError(w.t, json.Unmarshal([]byte(text), &p))
	require.Equal(w.t, resp.StatusCode, p.Status)
	return p
}
