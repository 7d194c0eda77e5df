package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
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

// didYouMean gives the end of a message that names the candidate closest to
// what was written, or nothing where none is close.
func didYouMean(written string, candidates []string) string {
	best, least := "", 3
	for _, candidate := range candidates {
		if plain(written) == plain(candidate) {
			best = candidate
			break
		}
		// Two edits turn any two letters into any others.
		if d := distance(strings.ToLower(written), strings.ToLower(candidate), least); d < least && d < len(candidate)-1 {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// plain makes maxRestarts, MAX_RESTARTS and max-restarts equal.
func plain(s string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
}

// distance is the number of inserted, deleted, replaced or swapped bytes
// between two strings (optimal string alignment), or limit if it is not less.
func distance(a, b string, limit int) int {
	if max(len(a), len(b))-min(len(a), len(b)) >= limit {
		return limit
	}
	before, previous, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(previous[j]+1, row[j-1]+1, previous[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, previous, row = previous, row, before
	}
	return min(previous[len(b)], limit)
}

// foreign maps keys of other supervisors and shells to ours.
var foreign = map[string]string{
	"cmd": "command", "exec": "command", "program": "command", "arguments": "args", "argv": "args",
	"cwd": "dir", "directory": "dir", "workdir": "dir", "working_dir": "dir", "working_directory": "dir",
	"environment": "env", "autorestart": "restart", "memory_max": "memory_mb", "memory": "memory_mb",
	"cpu": "cpu_percent", "stopsignal": "stop_signal", "stopwaitsecs": "stop_timeout",
}
