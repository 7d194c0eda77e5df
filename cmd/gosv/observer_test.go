package main

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/logs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

func TestRecordOfAStopContainsTheOutcome(t *testing.T) {
	for want, last := range map[string]lifecycle.Outcome{
		"stopped before it was started": {},
		"stopped: exit status 3":        {Cause: lifecycle.ByExit, Code: 3},
	} {
		var text bytes.Buffer
		log := slog.New(slog.NewTextHandler(&text, nil))
		n := newLogObserver(log, newExitLog(log, logs.NewHistory(1<<20, 1<<20)), nil, nil)
		n.Changed(supervisor.Change{Service: "a", From: lifecycle.Stopping, State: lifecycle.State{Phase: lifecycle.Stopped, Last: last}})
		assert.Contains(t, text.String(), `msg="`+want+`"`)
	}
}
