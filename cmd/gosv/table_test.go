package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/control/api"
)

// A table is never wider than the terminal.
func TestTablesFitTheTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[a-zé]{0,40}`)
		table := table{head: []string{"NAME", "STATE", "PID", "UPTIME", "RESTARTS", "CPU", "MEMORY", "NOTE"}}
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			table.rows = append(table.rows, []string{cell.Draw(t, "name"), "running", "1234567", "12m34s", "0", "0.0%", "12M", cell.Draw(t, "note")})
		}
		width := rapid.IntRange(70, 200).Draw(t, "width")
		var b strings.Builder
		require.NoError(t, table.write(&b, width))
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Fatalf("%d characters in %d columns: %q", n, width, line)
			}
		}
	})
}

func TestEscapeShowsWhatWouldSteerATerminal(t *testing.T) {
	for text, want := range map[string]string{
		"plain é": "plain é", "a\tb": "a\tb", "\x1b[2J": `\x1b[2J`, "a\rb\n": `a\rb\n`, "\x80x": `\x80x`, "\u202e": `\u202e`,
	} {
		assert.Equal(t, want, escape(text))
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", -time.Hour: "0s", 8 * time.Second: "8s", 59600 * time.Millisecond: "1m", 312 * time.Second: "5m12s",
		3*24*time.Hour + 4*time.Hour + 5*time.Minute: "3d4h", 24*time.Hour + time.Minute: "1d",
	} {
		assert.Equal(t, want, age(d), "%v", d)
	}
}

func TestNote(t *testing.T) {
	now := time.Now()
	soon, exit := now.Add(8*time.Second), &api.Exit{Cause: api.ByExit, Code: 1, Time: now.Add(-time.Minute)}
	for want, st := range map[string]api.Status{
		"exit 1, next start in 8s":                             {State: api.Backoff, NextStart: &soon, LastExit: exit},
		"gave up after 10 restarts; try: gosv describe mailer": {State: api.Failed, Consecutive: 10, LastExit: exit},
		"exit 1; try: gosv describe mailer":                    {State: api.Failed, LastExit: exit},
		"exit 1":                                               {State: api.Exited, LastExit: exit},
		"exit 1 1m ago":                                        {State: api.Running, LastExit: exit},
		"SIGKILL in 8s":                                        {State: api.Stopping, Deadline: &soon},
		"is being restarted":                                   {State: api.Stopping, Desired: api.Up},
		"cannot be killed; try: gosv describe mailer":          {State: api.Stopping, Unkillable: true},
		"": {State: api.Running},
	} {
		assert.Equal(t, want, note(api.Service{Name: "mailer", Status: st}, now))
	}
}

func TestBytesText(t *testing.T) {
	for n, want := range map[int64]string{0: "0B", 999: "999B", 1536: "1.5K", 12 << 20: "12M", 1 << 40: "1.0T", 2000 << 40: "2000T"} {
		assert.Equal(t, want, bytesText(n), "%d", n)
	}
}
