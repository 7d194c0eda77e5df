package live

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answering is a server that answers every connection with a text.
func answering(t *testing.T, text string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1024))
			_, _ = fmt.Fprint(conn, text)
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestProbes(t *testing.T) {
	good, bad := answering(t, "HTTP/1.1 204 No Content\r\n\r\n"), answering(t, "HTTP/1.1 503 Service Unavailable\r\n\r\n")
	for text, want := range map[string]string{
		"tcp:" + good:              "",
		"tcp:127.0.0.1:1":          "refused",
		"http://" + good + "/ok?x": "",
		"http://" + bad:            "HTTP status 503",
		"exec:exit 0":              "",
		"exec:exit 3":              "exit status 3",
	} {
		probe, err := ParseProbe(text)
		require.NoError(t, err, text)
		if err := probe(t.Context()); want == "" {
			assert.NoError(t, err, text)
		} else {
			assert.ErrorContains(t, err, want, text)
		}
	}
	for _, text := range []string{"", "tcp:nowhere", "https://localhost", "exec:", "http://", "udp:127.0.0.1:1"} {
		_, err := ParseProbe(text)
		assert.Error(t, err, text)
	}
}

// A process serves from the first success of its probe on.
func TestServingIsRecordedOncePerProcess(t *testing.T) {
	r := &run{observer: observe(t, "probe", everyone)}
	probe, err := ParseProbe("exec:true")
	require.NoError(t, err)
	r.Probes = map[string]Probe{"web": probe}
	start(t, "probe", "web", ready)
	eventually(t, "the record", func() bool { return len(r.processes()) == 1 })
	assert.Zero(t, r.processes()[0].ServingAt)
	stop := r.startProbes()
	eventually(t, "the first success", func() bool { return r.processes()[0].ServingAt > 0 })
	first := r.processes()[0].ServingAt
	time.Sleep(3 * probePause) // further tries would change it
	stop()
	assert.Equal(t, first, r.processes()[0].ServingAt)
	assert.GreaterOrEqual(t, first, r.processes()[0].FirstSeen)
}
