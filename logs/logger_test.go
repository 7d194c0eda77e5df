package logs_test

import (
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/slogtest"
	"testing/synctest"
	"time"

	"github.com/gosv/gosv/logs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTextFormat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out pipe
		d := logs.NewDestination(&out, logs.Options{})
		log := logs.NewLogger(d, logs.Text)
		log.Info("started", "service", "web", "pid", 42, "after", 1500*time.Millisecond)
		log.Warn("cannot start", "error", `exec "x": no such file`, "hint", "", "at", time.Unix(0, 0).UTC())
		log.With("service", "web").WithGroup("exit").Error("a \x1b[2J message\nof two lines", "code", 3, slog.Group("g", "a=b", "c\x00"))
		log.WithGroup("").With().Info("plain", slog.Attr{}, slog.Group("none"))
		log.Debug("not shown")
		d.Close(aMinute)

		clock := time.Now().Format(time.TimeOnly) // virtual time does not advance here
		assert.Equal(t, strings.ReplaceAll(`
T started service=web pid=42 after=1.5s
T WARN cannot start error="exec \"x\": no such file" hint="" at=1970-01-01T00:00:00Z
T ERROR "a \x1b[2J message\nof two lines" service=web exit.code=3 "exit.g.a=b"="c\x00"
T plain
`[1:], "T ", clock+" "), out.String())
	})
}

func TestJSONFormat(t *testing.T) {
	var out pipe
	d := logs.NewDestination(&out, logs.Options{})
	logs.NewLogger(d, logs.JSON).Warn("cannot start", "service", "web")
	d.Close(aMinute)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(out.String()), &got))
	delete(got, "time")
	assert.Equal(t, map[string]any{"level": "WARN", "msg": "cannot start", "service": "web"}, got)
}

func TestBlockedLogDropsAndReportsRecords(t *testing.T) {
	for format, want := range map[logs.Format]string{
		logs.Text: `T 1
T WARN log records dropped records=2
T 4
`,
		logs.JSON: `{"time":"T","level":"INFO","msg":"1"}
{"time":"T","level":"WARN","msg":"log records dropped","records":2}
{"time":"T","level":"INFO","msg":"4"}
`,
	} {
		t.Run(string(format), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out, gate := stuckPipe()
				d := logs.NewDestination(out, logs.Options{QueueMax: 1})
				log := logs.NewLogger(d, format)
				log.Info("1")
				log.Info("2")
				log.WithGroup("g").Info("3", "a", "b")
				close(gate)
				synctest.Wait()
				log.Info("4")
				stats := d.Close(aMinute)
				stamp := regexp.MustCompile(`\d{4}[^"]*Z|\d\d:\d\d:\d\d`)
				assert.Equal(t, want, stamp.ReplaceAllString(out.String(), "T"))
				assert.EqualValues(t, 2, stats.LostLines)
			})
		})
	}
}

func TestTextHandlerPassesSlogtest(t *testing.T) {
	var out *pipe
	var d *logs.Destination
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out = &pipe{}
		d = logs.NewDestination(out, logs.Options{})
		return logs.NewLogger(d, logs.Text).Handler()
	}, func(*testing.T) map[string]any {
		d.Close(aMinute)
		return parseText(out.String())
	})
}

func parseText(line string) map[string]any {
	got := map[string]any{slog.LevelKey: "INFO"}
	for _, word := range strings.Fields(line) {
		key, value, isAttr := strings.Cut(word, "=")
		switch _, err := time.Parse(time.TimeOnly, word); {
		case err == nil:
			got[slog.TimeKey] = word
		case isAttr:
			at := got
			groups := strings.Split(key, ".")
			for _, g := range groups[:len(groups)-1] {
				if at[g] == nil {
					at[g] = map[string]any{}
				}
				at = at[g].(map[string]any)
			}
			at[groups[len(groups)-1]] = value
		default:
			got[slog.MessageKey] = word
		}
	}
	return got
}

func TestChooseFormat(t *testing.T) {
	for _, c := range []struct {
		flag    string
		journal bool
		want    logs.Format
	}{
		{"", false, logs.Text},
		{"", true, logs.Journal},
		{"json", true, logs.JSON},
		{"text", true, logs.Text},
	} {
		got, err := logs.ChooseFormat(c.flag, c.journal)
		assert.NoError(t, err)
		assert.Equal(t, c.want, got, "%+v", c)
	}
	_, err := logs.ChooseFormat("xml", true)
	assert.EqualError(t, err, `unknown log format "xml": use "text" or "json"`)
}

func TestJournalFormatHasPriorities(t *testing.T) {
	var out pipe
	d := logs.NewDestination(&out, logs.Options{})
	log := logs.NewLogger(d, logs.Journal)
	log.Info("started", "service", "web")
	log.Warn("cannot start", "service", "web")
	log.Error("failed\nfor good")
	d.Close(aMinute)
	assert.Equal(t, "<6>started service=web\n<4>cannot start service=web\n<3>\"failed\\nfor good\"\n", out.String())
}
