package integration

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos/report"
)

// redis speaks Redis's protocol, one inline command at a time
// (redis.io/docs/latest/develop/reference/protocol-spec).
type redis struct {
	net.Conn
	*bufio.Reader
}

// answerBound is how long the test waits for an answer. A killed process has
// closed its connections.
const answerBound = 10 * time.Second

func dialRedis(socket string) (*redis, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	return &redis{conn, bufio.NewReader(conn)}, nil
}

// do returns the answer to a command: the text of a status or a string, "" for none.
func (r *redis) do(command string) (string, error) {
	if err := r.SetDeadline(time.Now().Add(answerBound)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(r.Conn, "%s\r\n", command); err != nil {
		return "", err
	}
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	switch line = strings.TrimSpace(line); {
	case line == "$-1":
		return "", nil
	case strings.HasPrefix(line, "+"):
		return line[1:], nil
	case strings.HasPrefix(line, "$"):
		value, err := r.ReadString('\n')
		return strings.TrimSpace(value), err
	}
	return "", fmt.Errorf("redis answered %q to %q", line, command)
}

// writer writes, reconnects when it must, and records the acknowledged writes.
type writer struct {
	name, socket string
	acknowledged map[string]string
	unanswered   int // commands without an answer, or refused by a Redis that still loads
}

func (w *writer) write(until <-chan struct{}) {
	var db *redis
	for n := 0; ; {
		select {
		case <-until:
			if db != nil {
				_ = db.Close()
			}
			return
		default:
		}
		if db == nil {
			var err error
			if db, err = dialRedis(w.socket); err != nil {
				time.Sleep(time.Millisecond) // until Redis accepts connections again
				continue
			}
		}
		key, value := fmt.Sprintf("%s:%d", w.name, n), fmt.Sprintf("%d", n*7)
		n++ // a write without an answer may be on the disk or not, and is not repeated
		switch answer, err := db.do("SET " + key + " " + value); {
		case err != nil:
			_ = db.Close()
			db, w.unanswered = nil, w.unanswered+1
		case answer == "OK":
			w.acknowledged[key] = value
		}
	}
}

// redisOf is the command line of a Redis in a directory that acknowledges a write when
// it is on the disk.
func redisOf(program, dir string) []string {
	return []string{program, "--port", "0", "--unixsocket", filepath.Join(dir, "socket"), "--dir", dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "", "--shutdown-on-sigterm", "default"}
}

// kept starts a Redis on the files of a directory and returns what is wrong with them.
func kept(t *testing.T, words []string, socket string, want map[string]string) (wrong []string) {
	t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	require.NoError(t, cmd.Start())
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	var db *redis
	eventually(t, "a Redis that has read its log", func() bool {
		var err error
		if db, err = dialRedis(socket); err != nil {
			return false
		}
		answer, err := db.do("PING")
		return err == nil && answer == "PONG"
	})
	defer db.Close()
	for key, value := range want {
		got, err := db.do("GET " + key)
		require.NoError(t, err)
		if got != value {
			wrong = append(wrong, fmt.Sprintf("%s is %q, and %q was acknowledged", key, got, value))
		}
	}
	return wrong
}

// A database is killed at random under clients that write to it, and restarted by
// gosv. Every acknowledged write is there afterwards, because gosv starts no Redis
// while the previous one still writes and gives it time to finish at the end.
func TestRedisKeepsAcknowledgedWrites(t *testing.T) {
	t.Parallel()
	program := foreign(t, "redis-server", "redis-server")
	dir := t.TempDir()
	socket, file := filepath.Join(dir, "socket"), filepath.Join(t.TempDir(), "report.json")
	words := redisOf(program, dir)
	db := service{"name": "redis", "command": words[0], "args": words[1:], "max_restarts": -1, "stop_timeout": "10s", "backoff": map[string]any{"initial": "0s"}}
	g := startChaos(t, "--config="+configFile(t, "auto", db), "--count=20", "--duration=10s", "--slack=5s", "--report=json="+file)

	until := make(chan struct{})
	var writing sync.WaitGroup
	writers := []*writer{{name: "a"}, {name: "b"}}
	for _, w := range writers {
		w.socket, w.acknowledged = socket, map[string]string{}
		writing.Go(func() { w.write(until) })
	}
	select {
	case <-g.ended:
	case <-time.After(time.Minute):
	}
	close(until)
	writing.Wait()
	require.Zero(t, g.status(), "%s%s", g.stdout(), g.stderr())

	r, err := report.DecodeJSON([]byte(contents(t, file)))
	require.NoError(t, err)
	assert.Positive(t, r.Injected)
	all, unanswered := map[string]string{}, 0
	for _, w := range writers {
		maps.Copy(all, w.acknowledged)
		unanswered += w.unanswered
	}
	require.NotEmpty(t, all)
	require.GreaterOrEqual(t, unanswered, r.Injected, "a kill cuts what is being answered")
	t.Logf("%d kills (seed %d), %d writes unanswered, %d acknowledged", r.Injected, r.Seed, unanswered, len(all))
	wrong := kept(t, words, socket, all)
	assert.Empty(t, wrong[:min(len(wrong), 10)], "%d acknowledged writes are lost", len(wrong))
}
