package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/gosv/gosv/control/api"
)

// ErrNoSupervisor reports that no gosv listens on the socket.
var ErrNoSupervisor = errors.New("no gosv listens there")

// Client speaks to one gosv. Its methods may be called from any goroutine.
type Client struct {
	socket string
	http   *http.Client
}

// New makes a client for the socket at a path. It does not connect yet.
func New(socket string) *Client {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "unix", socket)
		},
		DisableCompression: true,
	}
	return &Client{socket: socket, http: &http.Client{Transport: transport}}
}

// Socket is the path that the client was made with.
func (c *Client) Socket() string { return c.socket }

// Info asks who answers.
func (c *Client) Info(ctx context.Context) (info api.Info, err error) {
	err = c.get(ctx, "/v1", nil, &info)
	return info, err
}

// ListOptions say what a list of services contains.
type ListOptions struct {
	Names []string // names or patterns; none: all services
	Spec  bool
	Usage bool
}

// Services lists services in the order of the configuration.
func (c *Client) Services(ctx context.Context, opt ListOptions) (list api.ServiceList, err error) {
	query := url.Values{"spec": {bit(opt.Spec)}, "usage": {bit(opt.Usage)}}
	for _, name := range opt.Names {
		query.Add("name", name)
	}
	err = c.get(ctx, "/v1/services", query, &list)
	return list, err
}

// Service describes one service.
func (c *Client) Service(ctx context.Context, name string, secrets bool) (svc api.Service, err error) {
	err = c.get(ctx, "/v1/services/"+url.PathEscape(name), url.Values{"secrets": {bit(secrets)}}, &svc)
	return svc, err
}

// Command gives a command. It returns when the command is queued; see Operation.
func (c *Client) Command(ctx context.Context, command api.CommandRequest) (op api.Operation, err error) {
	err = c.post(ctx, "/v1/operations", command, &op)
	return op, err
}

// Reload has gosv read its configuration again.
func (c *Client) Reload(ctx context.Context, dryRun bool) (done api.Reload, err error) {
	err = c.post(ctx, "/v1/reload", api.ReloadRequest{DryRun: dryRun}, &done)
	return done, err
}

// Operation asks for an operation, and waits at most so long for its end.
func (c *Client) Operation(ctx context.Context, id string, wait time.Duration) (op api.Operation, err error) {
	err = c.get(ctx, "/v1/operations/"+url.PathEscape(id), url.Values{"wait": {wait.String()}}, &op)
	return op, err
}

// EventOptions say which events a stream has.
type EventOptions struct {
	After    *uint64 // nil: only events to come
	Services []string
	Follow   bool // go on when all that happened has been sent
}

// Events calls take for each event until it returns an error, the stream ends
// or ctx does. Bookmarks are among them.
func (c *Client) Events(ctx context.Context, opt EventOptions, take func(api.Event) error) error {
	query := url.Values{"follow": {bit(opt.Follow)}}
	if opt.After != nil {
		query.Set("after", strconv.FormatUint(*opt.After, 10))
	}
	for _, name := range opt.Services {
		query.Add("service", name)
	}
	return stream(ctx, c, "/v1/events", query, take)
}

// LogOptions say which lines a stream has.
type LogOptions struct {
	Services []string // names or patterns; none: all services
	Lines    int      // how many last lines
	Follow   bool
}

// Logs calls take for each line.
func (c *Client) Logs(ctx context.Context, opt LogOptions, take func(api.Line) error) error {
	query := url.Values{"n": {strconv.Itoa(opt.Lines)}, "follow": {bit(opt.Follow)}}
	for _, name := range opt.Services {
		query.Add("service", name)
	}
	return stream(ctx, c, "/v1/logs", query, take)
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func (c *Client) get(ctx context.Context, path string, query url.Values, answer any) error {
	body, err := c.do(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer body.Close()
	return decode(body, answer)
}

func (c *Client) post(ctx context.Context, path string, value, answer any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	body, err := c.do(ctx, http.MethodPost, path, nil, bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer body.Close()
	return decode(body, answer)
}

func decode(body io.Reader, answer any) error {
	if err := json.NewDecoder(body).Decode(answer); err != nil {
		return fmt.Errorf("cannot decode gosv's answer: %w", err)
	}
	return nil
}

// do sends a request and returns the body of a successful answer.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body io.Reader) (io.ReadCloser, error) {
	target := "http://gosv" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.explain(err)
	}
	if resp.StatusCode < 300 {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	return nil, readProblem(resp)
}

// explain turns an error of the transport into one for people.
func (c *Client) explain(err error) error {
	var transport *url.Error
	if errors.As(err, &transport) {
		err = transport.Err
	}
	var path *net.OpError
	if errors.As(err, &path) && path.Op == "dial" {
		err = path.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("cannot connect to %s: %w", c.socket, ErrNoSupervisor)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("gosv at %s closed the connection: %w", c.socket, err)
	}
	return fmt.Errorf("cannot speak to gosv at %s: %w", c.socket, err)
}

func readProblem(resp *http.Response) error {
	var p api.Problem
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if kind != api.ProblemType || json.NewDecoder(resp.Body).Decode(&p) != nil {
		return fmt.Errorf("what listens on the socket is not gosv: it answered %s", resp.Status)
	}
	return &p
}

// stream reads lines of JSON.
func stream[T any](ctx context.Context, c *Client, path string, query url.Values, take func(T) error) error {
	body, err := c.do(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer body.Close()
	lines := json.NewDecoder(body)
	for {
		var value T
		switch err := lines.Decode(&value); {
		case err == io.EOF:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("gosv at %s ended the stream: %w", c.socket, err)
		}
		if err := take(value); err != nil {
			return err
		}
	}
}
