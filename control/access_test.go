package control_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control"
)

// overTCP serves the API on a loopback address too, and asks it.
func overTCP(t *testing.T, token string) func(method, path, body string, header ...string) int {
	w := serve(t, func(o *control.Options) { o.Access.Token, o.Access.Hosts = token, []string{"gosv.example"} })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = w.server.Serve(l) }()
	return func(method, path, body string, header ...string) int {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+l.Addr().String()+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			if req.Header.Set(header[i], header[i+1]); header[i] == "Host" {
				req.Host = header[i+1]
			}
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
}

const stopWeb = `{"verb":"stop","services":["web"]}`

// Web pages reach any loopback address, under names and origins of their own.
func TestTCPClientsAreChecked(t *testing.T) {
	ask := overTCP(t, "")
	assert.Equal(t, 200, ask("GET", "/v1", ""))
	assert.Equal(t, 200, ask("GET", "/v1", "", "Host", "localhost:1"))
	assert.Equal(t, 200, ask("GET", "/v1", "", "Host", "[::1]:1"))
	assert.Equal(t, 200, ask("GET", "/v1", "", "Host", "gosv.example"))
	assert.Equal(t, 421, ask("GET", "/v1", "", "Host", "evil.example"))
	assert.Equal(t, 421, ask("GET", "/v1", "", "Host", "127.0.0.1.evil.example"))
	assert.Equal(t, 200, ask("GET", "/v1", "", "Host", "localhost", "Origin", "http://localhost"))
	assert.Equal(t, 403, ask("GET", "/v1", "", "Origin", "http://evil.example"))
	assert.Equal(t, 403, ask("GET", "/v1", "", "Origin", "null"))
	assert.Equal(t, 403, ask("POST", "/v1/operations", stopWeb), "they only read")
	assert.Equal(t, 403, ask("GET", "/v1/services?secrets=1", ""))
}

func TestTCPClientsWriteWithTheTokenOnly(t *testing.T) {
	ask := overTCP(t, "0123456789abcdef")
	assert.Equal(t, 200, ask("GET", "/v1", ""))
	assert.Equal(t, 401, ask("POST", "/v1/operations", stopWeb))
	assert.Equal(t, 401, ask("POST", "/v1/operations", stopWeb, "Authorization", "Bearer wrong"))
	assert.Equal(t, 202, ask("POST", "/v1/operations", stopWeb, "Authorization", "Bearer 0123456789abcdef"))
	assert.Equal(t, 403, ask("GET", "/v1/services?secrets=1", "", "Authorization", "Bearer 0123456789abcdef"))
}

// Whatever bytes a client sends, it gets an answer or the end of the connection, and
// no command reaches the supervisor unless the body is one.
func FuzzCommandBody(f *testing.F) {
	for _, body := range []string{`{}`, stopWeb, `{"verb":"stop","all":true}`, `[]`, `null`, `{"verb":"signal","signal":"HUP","services":["*"]}`, "\x00", `{"verb":"stop","services":["\u0000"]}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := serve(t)
		resp, text := w.do("POST", "/v1/operations", body)
		if resp.StatusCode == http.StatusAccepted {
			assert.NotEmpty(t, w.commands)
			return
		}
		assert.Empty(t, w.commands, "%q", body)
		assert.GreaterOrEqual(t, resp.StatusCode, 400)
		assert.Less(t, resp.StatusCode, 500, text)
		assert.Contains(t, text, `"code":`)
	})
}
