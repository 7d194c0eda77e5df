package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// Probe checks whether a service serves. The error says why it does not.
type Probe func(context.Context) error

// probeTimeout bounds one try of a probe, and probePause is the time between two tries.
const (
	probeTimeout = time.Second
	probePause   = 20 * time.Millisecond
)

// ParseProbe reads a probe: http://HOST:PORT/PATH, tcp:HOST:PORT or exec:COMMAND, which a
// shell runs.
func ParseProbe(text string) (Probe, error) {
	kind, rest, found := strings.Cut(text, ":")
	switch {
	case found && kind == "tcp":
		if _, _, err := net.SplitHostPort(rest); err != nil {
			return nil, fmt.Errorf("%q names no host and port: %w", text, err)
		}
		return func(ctx context.Context) error { return probeTCP(ctx, rest) }, nil
	case found && kind == "http":
		target, err := url.Parse(text)
		if err != nil || target.Host == "" {
			return nil, fmt.Errorf("%q is not an http URL", text)
		}
		return func(ctx context.Context) error { return probeHTTP(ctx, target) }, nil
	case found && kind == "exec" && rest != "":
		return func(ctx context.Context) error { return probeCommand(ctx, rest) }, nil
	}
	return nil, fmt.Errorf("unknown probe %q: use http://HOST:PORT/PATH, tcp:HOST:PORT or exec:COMMAND", text)
}

func probeTCP(ctx context.Context, address string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// probeHTTP sends a GET request and expects a status from 200 to 399.
func probeHTTP(ctx context.Context, target *url.URL) error {
	address := target.Host
	if target.Port() == "" {
		address = net.JoinHostPort(target.Hostname(), "80")
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", target.RequestURI(), target.Host); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	fields := strings.Fields(line)
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "HTTP/") {
		return fmt.Errorf("the answer is not HTTP: %q", line)
	}
	if fields[1] < "200" || fields[1] > "399" {
		return fmt.Errorf("HTTP status %s", fields[1])
	}
	return nil
}

// probeCommand runs a command and expects exit status 0.
func probeCommand(ctx context.Context, command string) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	env := append(os.Environ(), MarkRun+"="+Helper)
	shell, err := os.StartProcess("/bin/sh", []string{"sh", "-c", command}, &os.ProcAttr{Env: env, Files: []*os.File{null, null, null}})
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = shell.Kill() })
	defer stop()
	state, err := shell.Wait()
	switch {
	case err != nil:
		return err
	case !state.Success():
		return errors.New(state.String())
	}
	return nil
}

// startProbes runs each probe again and again while its service has a main process that
// does not serve yet. The function that it returns ends them.
func (r *run) startProbes() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for service, probe := range r.Probes {
		all.Go(func() {
			for ctx.Err() == nil {
				if l := r.notServing(service); l != nil {
					r.try(ctx, probe, l)
				}
				select {
				case <-ctx.Done():
				case <-time.After(probePause):
				}
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// try runs a probe once. A success counts for the process that ran before and after it.
func (r *run) try(ctx context.Context, probe Probe, l *observedProcess) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if probe(ctx) == nil && !hasExited(l.fd) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.living[l.Pid] == l {
			l.ServingAt = r.now()
		}
	}
}

// notServing returns the living main process of a service that does not serve yet, if any.
func (o *observer) notServing(service string) *observedProcess {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.living {
		if l.Service == service && l.ServingAt == 0 && !hasExited(l.fd) {
			return l
		}
	}
	return nil
}

// serves reports whether the probe of a main process has succeeded.
func (o *observer) serves(pid int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.living[pid]
	return l != nil && l.ServingAt != 0
}
