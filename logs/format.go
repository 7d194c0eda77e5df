package logs

import (
	"fmt"
	"log/slog"
)

// Format is the form of the supervisor's own log.
type Format string

const (
	// Text is for people: "15:04:05 WARN cannot start service=web".
	Text Format = "text"
	// JSON is for programs: one object a line, as slog.JSONHandler writes it.
	JSON Format = "json"
	// Journal is for systemd's journal, which adds the time itself. The prefix is
	// the priority of sd-daemon(3): "<4>cannot start service=web".
	Journal Format = "journal"
)

// ChooseFormat returns the format that --log-format asks for. Without the flag
// ("") it is Journal if the log is connected to the journal, and else Text.
func ChooseFormat(flag string, journal bool) (Format, error) {
	switch f := Format(flag); {
	case f == Text || f == JSON:
		return f, nil
	case flag != "":
		return "", fmt.Errorf("unknown log format %q: use %q or %q", flag, Text, JSON)
	case journal:
		return Journal, nil
	default:
		return Text, nil
	}
}

// priority returns the syslog priority of a level as sd-daemon(3) writes it.
func priority(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "<3>"
	case l >= slog.LevelWarn:
		return "<4>"
	default:
		return "<6>"
	}
}
