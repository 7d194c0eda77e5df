package integration

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// record is a line of gosv's log.
type record struct {
	Time    time.Time
	Level   string
	Msg     string
	Service string
	Pid     int
}

// log is gosv's log so far.
func (g *gosv) log() (all []record) {
	for line := range strings.Lines(g.stderr()) {
		var r record
		if strings.HasSuffix(line, "\n") && json.Unmarshal([]byte(line), &r) == nil {
			all = append(all, r)
		}
	}
	return all
}

// of returns the records of a service that contain a text.
func (g *gosv) of(service, text string) (found []record) {
	for _, r := range g.log() {
		if r.Service == service && strings.Contains(r.Msg, text) {
			found = append(found, r)
		}
	}
	return found
}

// says waits for the n-th record of a service that contains a text; "" stands
// for gosv itself.
func (g *gosv) says(service, text string, n int) record {
	g.t.Helper()
	var found []record
	eventually(g.t, "the log to say of "+service+": "+text, func() bool {
		found = g.of(service, text)
		return len(found) >= n
	})
	return found[n-1]
}

// started waits for the n-th start of a service and returns its PID.
func (g *gosv) started(service string, n int) int {
	g.t.Helper()
	return g.says(service, "started", n).Pid
}

func hasLine(text, line string) bool {
	return slices.Contains(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), line)
}
