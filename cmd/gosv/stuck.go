package main

import (
	"fmt"
	"log/slog"
	"time"
)

// stuckAfter is when a stdout that still takes its last lines is worth a word.
const stuckAfter = 300 * time.Millisecond

// sayStuck tells why gosv does not end yet, if the end of its output takes long.
// over is to be called when it is written or given up.
func sayStuck(log *slog.Logger) (over func()) {
	timer := time.AfterFunc(stuckAfter, func() {
		log.Warn(fmt.Sprintf("stdout is stuck: waiting up to %v for somebody to read the last output of services", 2*flushBound))
	})
	return func() { timer.Stop() }
}
