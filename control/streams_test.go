package control_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

// oneLine is a store of lines that has one, with what might steer a terminal, and
// another one later.
type oneLine struct{}

func (oneLine) Tail([]string, int) ([]api.Line, uint64) {
	return []api.Line{{Seq: 1, Time: time.Now(), Service: "web", Text: "\x1b[2Jhello", Dropped: 2}}, 1
}

func (oneLine) Follow(ctx context.Context, _ []string, seq uint64) ([]api.Line, uint64, error) {
	if seq == 1 {
		return []api.Line{{Seq: 2, Text: "more"}}, 2, nil
	}
	<-ctx.Done()
	return nil, seq, ctx.Err()
}

func TestEventsResumeWithoutAGap(t *testing.T) {
	w := serve(t)
	for range 5 {
		w.change("web", api.Starting, api.Running, api.Up)
	}
	go func() {
		for range 5 {
			w.change("web", api.Running, api.Stopping, api.Down)
		}
	}()
	after := uint64(2)
	var got []uint64
	err := w.client.Events(t.Context(), client.EventOptions{After: &after, Follow: true}, func(e api.Event) error {
		if got = append(got, e.Seq); len(got) == 8 {
			return io.EOF
		}
		return nil
	})
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, []uint64{3, 4, 5, 6, 7, 8, 9, 10}, got)
}

func TestEventsOfOneService(t *testing.T) {
	w := serve(t)
	w.change("web", api.Starting, api.Running, api.Up)
	w.change("job", api.Starting, api.Running, api.Up)
	_, text := w.do("GET", "/v1/events?after=0&follow=0&service=job", "")
	assert.Equal(t, 1, strings.Count(text, "\n"), text)
	assert.Contains(t, text, `"service":"job"`)
}

func TestServerSentEvents(t *testing.T) {
	w := serve(t)
	w.change("web", api.Starting, api.Running, api.Up)
	w.change("job", api.Starting, api.Running, api.Up)
	resp, text := w.do("GET", "/v1/events?after=0&follow=0", "", "Accept", "text/event-stream", "Last-Event-ID", "1")
	assert.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	assert.True(t, strings.HasPrefix(text, "id: 2\ndata: {\"seq\":2,"), text)
	assert.True(t, strings.HasSuffix(text, "}\n\n"), text)
}

// A stream in which nothing happens says where it is.
func TestBookmarks(t *testing.T) {
	w := serve(t, func(o *control.Options) { o.Bookmark = time.Millisecond })
	w.change("web", api.Starting, api.Running, api.Up)
	err := w.client.Events(t.Context(), client.EventOptions{Follow: true}, func(e api.Event) error {
		assert.Equal(t, api.BookmarkEvent, e.Type)
		assert.EqualValues(t, 1, e.Seq)
		return io.EOF
	})
	require.ErrorIs(t, err, io.EOF)
}

// A client that does not read is disconnected and counted; events go on.
func TestASlowClientIsDisconnected(t *testing.T) {
	w := serve(t, func(o *control.Options) { o.Patience = time.Second })
	conn, err := net.Dial("unix", w.socket)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: gosv\r\n\r\n")
	require.NoError(t, err)
	begun, err := bufio.NewReaderSize(conn, 16).ReadString('\n')
	require.NoError(t, err)
	assert.Contains(t, begun, "200 OK")
	text := strings.Repeat("x", 100_000)
	for deadline := time.Now().Add(30 * time.Second); ; {
		w.ring.Append(api.Event{Type: api.NoticeEvent, Text: text})
		if _, metrics := w.do("GET", "/metrics", ""); strings.Contains(metrics, "gosv_control_slow_clients_total 1\n") {
			break
		}
		require.True(t, time.Now().Before(deadline), "the client is still there")
	}
}

func TestLogsAreFollowed(t *testing.T) {
	w := serve(t, func(o *control.Options) { o.Logs = oneLine{} })
	var got []string
	err := w.client.Logs(t.Context(), client.LogOptions{Services: []string{"web"}, Lines: 10, Follow: true}, func(line api.Line) error {
		if got = append(got, line.Text); len(got) == 2 {
			return io.EOF
		}
		return nil
	})
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, []string{"\x1b[2Jhello", "more"}, got)
	assert.Equal(t, "no_such_service", w.problem("GET", "/v1/logs?service=x", "").Code)
}

// Connections that send nothing give way to those that ask for something.
func TestSilentClientsGiveWay(t *testing.T) {
	w := serve(t, func(o *control.Options) { o.MaxConns = 8 })
	for i := range 100 {
		conn, err := net.Dial("unix", w.socket)
		require.NoError(t, err)
		defer conn.Close()
		switch i % 3 {
		case 1:
			_, _ = io.WriteString(conn, "GET /v1 HTTP/1.1\r\nHo")
		case 2:
			_ = conn.(*net.UnixConn).CloseWrite()
		}
	}
	for range 20 {
		_, err := w.client.Info(t.Context())
		require.NoError(t, err)
	}
}

// There is a limit to requests that wait, and it leaves room for others.
func TestTooManyStreams(t *testing.T) {
	w := serve(t, func(o *control.Options) { o.MaxWaits = 2 })
	w.change("web", api.Starting, api.Running, api.Up)
	for range 2 {
		begun := make(chan struct{})
		go func() {
			_ = w.client.Events(t.Context(), client.EventOptions{After: new(uint64), Follow: true}, func(api.Event) error {
				close(begun)
				return nil
			})
		}()
		<-begun
	}
	assert.Equal(t, "too_many_clients", w.problem("GET", "/v1/events?follow=0", "").Code)
	_, err := w.client.Info(t.Context())
	require.NoError(t, err)
}

func TestMetrics(t *testing.T) {
	w := serve(t)
	resp, text := w.do("GET", "/metrics", "")
	assert.Equal(t, "text/plain; version=0.0.4; charset=utf-8", resp.Header.Get("Content-Type"))
	for _, line := range []string{
		`gosv_service_state{service="web",state="running"} 1`, `gosv_service_state{service="web",state="failed"} 0`,
		`gosv_service_restarts_total{service="web"} 1`, `gosv_service_memory_bytes{service="web"} 1.048576e+06`,
		`gosv_service_cpu_seconds_total{service="web"} 0.25`, `gosv_service_pressure_ratio{service="web",resource="cpu"} 0.01`,
		`gosv_events_total 0`,
	} {
		assert.Contains(t, text, line+"\n")
	}
	assert.Equal(t, `a{b="\\\"\n"} 1`, strings.Split(fmt.Sprint(control.Metric{Name: "a", Samples: []control.Sample{{Labels: []string{"b", "\\\"\n"}, Value: 1}}}), "\n")[2])
}
