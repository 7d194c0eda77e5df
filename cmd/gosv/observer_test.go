package main

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

func TestAStopTellsHowTheServiceEnded(t *testing.T) {
	for want, last := range map[string]lifecycle.Outcome{
		"stopped before it was started": {},
		"stopped: exit status 3":        {Cause: lifecycle.ByExit, Code: 3},
	} {
		var text bytes.Buffer
		n := newLogObserver(slog.New(slog.NewTextHandler(&text, nil)), nil, nil)
		n.Changed(supervisor.Change{Service: "a", From: lifecycle.Stopping, State: lifecycle.State{Phase: lifecycle.Stopped, Last: last}})
		assert.Contains(t, text.String(), `msg="`+want+`"`)
	}
}
