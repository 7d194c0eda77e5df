package main

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/sys/linux"
)

// flushBound is how long the end of gosv waits for its own last words to be
// taken: a stuck terminal or pipe must not keep it.
const flushBound = 2 * time.Second

// voices is what gosv and its services speak through.
type voices struct {
	stderr, stdout *logs.Destination
	log            *slog.Logger // to stderr
}

func newVoices(format logs.Format, lineMax int) *voices {
	v := &voices{stderr: logs.NewDestination(linux.TerminalWriter(2), logs.Options{Policy: logs.Drop})}
	v.log = logs.NewLogger(v.stderr, format)
	v.stdout = logs.NewDestination(linux.TerminalWriter(1), logs.Options{
		Colour: logs.UseColour(linux.IsTerminal(1), os.Getenv), LineMax: lineMax, OnFailure: sayFailing(v.log, "the output of services is", "stdout"),
	})
	return v
}

// sayFailing tells when something begins to get lost, and when it is taken again.
func sayFailing(log *slog.Logger, what, where string) func(error) {
	return func(err error) {
		if err != nil {
			log.Error(fmt.Sprintf("%s being lost: cannot write to %s: %v", what, where, err))
			return
		}
		log.Info(what + " written again")
	}
}

// sayLost tells what nobody took.
func sayLost(log *slog.Logger, lost logs.Stats) {
	if lost.LostLines > 0 {
		log.Warn(fmt.Sprintf("%d lines of output (%d bytes) were lost: stdout did not take them", lost.LostLines, lost.LostBytes))
	}
}
