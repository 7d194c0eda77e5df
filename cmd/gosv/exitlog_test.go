package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/logs"
)

// echoSink is a Sink that shows in the log what reached it.
type echoSink struct{ log *slog.Logger }

func (echoSink) Room(func()) int  { return 1 << 16 }
func (o echoSink) Write(p []byte) { o.log.Info("output " + strings.TrimSpace(string(p))) }
func (echoSink) Close()           {}

func TestExitIsLoggedBehindTheLastOutput(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(l *exitLog, out echoSink)
		want []string
	}{
		{"the end of the output releases the record", func(l *exitLog, out echoSink) {
			s := l.capture("a", out)
			l.log("a", slog.LevelWarn, true, "exit")
			l.log("a", slog.LevelInfo, false, "restart")
			l.log("b", slog.LevelInfo, false, "of b")
			s.Write([]byte("reason\n"))
			s.Close()
			l.log("a", slog.LevelInfo, false, "later")
		}, []string{`"of b"`, `"output reason"`, "exit last_output=reason", "restart", "later"}},
		{"a pipe that a grandchild holds does not keep the record", func(l *exitLog, out echoSink) {
			s := l.capture("a", out)
			s.Write([]byte("reason\n"))
			l.log("a", slog.LevelWarn, true, "exit")
			time.Sleep(2 * exitLogBound) // virtual
			l.log("a", slog.LevelInfo, false, "restart")
			s.Close()
		}, []string{`"output reason"`, "exit last_output=reason", "restart"}},
		{"a record of a start without output", func(l *exitLog, out echoSink) {
			l.capture("a", out).Write([]byte("old\n"))
			l.log("a", slog.LevelWarn, true, "exit 1")
			l.capture("a", out)
			l.log("a", slog.LevelWarn, true, "exit 2")
			l.close()
		}, []string{`"output old"`, `"exit 1" last_output=old`, `"exit 2"`}},
		{"a long line is shortened", func(l *exitLog, out echoSink) {
			s := l.capture("a", out)
			s.Write([]byte(strings.Repeat("x", 300) + "\n"))
			s.Close()
			l.log("a", slog.LevelWarn, true, "exit")
		}, []string{`"output ` + strings.Repeat("x", 300) + `"`, "exit last_output=" + strings.Repeat("x", 200) + "..."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var text bytes.Buffer
				log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{ReplaceAttr: onlyMessages}))
				l := newExitLog(log, logs.NewHistory(1<<20, 1<<20))
				c.run(l, echoSink{log})
				l.close()
				assert.Equal(t, c.want, strings.Split(strings.TrimSpace(strings.ReplaceAll(text.String(), "msg=", "")), "\n"))
			})
		})
	}
}

func onlyMessages(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
		return slog.Attr{}
	}
	return a
}
