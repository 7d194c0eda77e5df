package config

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/gosv/gosv/internal/nearest"
)

// quote writes a string of the file into a message: bounded in length and
// without control characters.
func quote(s string) string { return strconv.Quote(shorten(s)) }

// shorten cuts what is too long for a message.
func shorten(s string) string {
	const most = 48
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "..."
}

// didYouMean is the end of a message that names the candidate closest to what was
// written, or "" if none is close.
func didYouMean(written string, candidates []string) string {
	best, ok := nearest.Word(written, candidates)
	if !ok {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// foreign maps keys of other supervisors and shells to ours.
var foreign = map[string]string{
	"cmd": "command", "exec": "command", "program": "command", "arguments": "args", "argv": "args",
	"cwd": "dir", "directory": "dir", "workdir": "dir", "working_dir": "dir", "working_directory": "dir",
	"environment": "env", "autorestart": "restart", "memory_max": "memory_mb", "memory": "memory_mb",
	"cpu": "cpu_percent", "stopsignal": "stop_signal", "stopwaitsecs": "stop_timeout",
}
