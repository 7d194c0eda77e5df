package sim_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
)

// written is a recording as somebody finds it in a file.
func written() string {
	s := Scenario{Services: []Service{NewService("web", "sleep 1s; exit 1")}, EndAt: 1e10, HealAt: 1e9, Machine: fakesys.Options{PidMax: 40, Cgroups: &fakesys.Cgroups{}, Faults: &fakesys.Faults{Spawn: 2}}}
	s.Actions = []Action{{At: 1e9, Service: "web", Signal: 15}}
	rec, _ := RecordScenario(s, fakesys.FromSeed(3))
	return rec.String()
}

// TestAnEditedRecordingIsPlayedOrRefused edits a recording as a hand would; each is an
// error, which names the line and says what is wrong.
func TestAnEditedRecordingIsPlayedOrRefused(t *testing.T) {
	sound := written()
	_, _, err := Replay(sound)
	require.NoError(t, err)
	for _, c := range []struct{ from, to, want string }{
		{`"Name":"web"`, `"Name":"web","Colour":1`, "unknown field"},
		{`"Name":"web"`, `"Name":"web","name":"web"`, `the key "name" stands twice`},
		{`"Name":"web"`, `"Name":"../web"`, "its name is 1 to 64"},
		{`"/svc/web"`, `"web"`, "a clean path"},
		{`"StopTimeout":`, `"StopTimeout":-`, "StopTimeout is -"},
		{`"EndAt":10000000000`, `"EndAt":9000000000000000000`, "EndAt is "},
		{`"HealAt":`, `"HealAt":-`, "HealAt is -"},
		{`"At":1000000000`, `"At":-1`, "At is -1ns"},
		{`"Signal":15`, `"Signal":99`, "there is no signal 99"},
		{`"Signal":15`, `"Interference":"dance with"`, `there is no deed "dance with"`},
		{`"Service":"web"`, `"Service":"wed"`, `there is no service "wed"`},
		{`"PidMax":40`, `"PidMax":-4`, "PidMax is -4"},
		{`"PidMax":40`, `"PidMax":4000000000`, "PidMax is 4000000000"},
		{`"Spawn":2`, `"Spawn":-2`, "the rate -2"},
		{`"Script":"sleep 1s; exit 1"`, `"Script":"sleep 1s; esit 1"`, "its script"},
		{`"Factor":2`, `"Factor":0.5`, "a factor is at least 1"},
		{"}\nchoose", "} {}\nchoose", "something follows"},
		{"choose", "chose", "is no line of a recording"},
		{" 1\n", " 100000\n", "values, from 0 on"},
	} {
		edited := strings.Replace(sound, c.from, c.to, 1)
		require.NotEqual(t, sound, edited, "%s\n%s", c.from, sound)
		_, _, err := Replay(edited)
		assert.ErrorContains(t, err, c.want, "%s becomes %s", c.from, c.to)
	}
	lines := strings.SplitAfter(sound, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "{") || strings.HasPrefix(line, "choose") {
			_, err := ParseRecording(strings.Join(lines[:i+1], "") + line)
			assert.ErrorContains(t, err, "line ", "twice: %s", line)
		}
	}
	_, err = ParseRecording(strings.Repeat("\x00", 1<<20))
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 500)
}

// FuzzRecording reads whatever somebody may have written: it never panics, and what is
// taken comes back from its own text.
func FuzzRecording(f *testing.F) {
	f.Add(written())
	for _, n := range Library()[:8] {
		rec, _ := RecordScenario(n.Scenario, fakesys.FromSeed(1))
		f.Add(rec.String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRecording(text)
		if err != nil {
			return
		}
		secondEndAt, err := ParseRecording(r.String())
		require.NoError(t, err)
		require.Equal(t, r.String(), secondEndAt.String())
	})
}
