package main

import (
	"fmt"
	"log/slog"
	"time"
)

// stuckAfter is how long the last output may take before a warning is logged.
const stuckAfter = 300 * time.Millisecond

// sayStuck logs why gosv does not end yet if its last output takes long. The caller
// calls over when the output was written or given up.
func sayStuck(log *slog.Logger) (over func()) {
	timer := time.AfterFunc(stuckAfter, func() {
		log.Warn(fmt.Sprintf("stdout is blocked: waiting up to %v for a reader of the services' last output", 2*flushBound))
	})
	return func() { timer.Stop() }
}
