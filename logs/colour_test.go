package logs_test

import (
	"testing"

	"github.com/gosv/gosv/logs"
	"github.com/stretchr/testify/assert"
)

func TestUseColour(t *testing.T) {
	for _, c := range []struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		{true, nil, true},
		{true, map[string]string{"TERM": "xterm", "NO_COLOR": ""}, true},
		{false, nil, false},
		{true, map[string]string{"NO_COLOR": "1"}, false},
		{true, map[string]string{"TERM": "dumb"}, false},
	} {
		got := logs.UseColour(c.terminal, func(k string) string { return c.env[k] })
		assert.Equal(t, c.want, got, "%+v", c)
	}
}

func TestNameKeepsItsColour(t *testing.T) {
	var out pipe
	d := logs.NewDestination(&out, logs.Options{Colour: true})
	writeAll(d.NewStream("web"), "1\n")
	writeAll(d.NewStream("db"), "2\n")
	writeAll(d.NewStream("web"), "3\n")
	d.Close(aMinute)
	assert.Equal(t, "\x1b[96mweb |\x1b[0m 1\n\x1b[35mdb |\x1b[0m 2\n\x1b[96mweb |\x1b[0m 3\n", out.String())
}
