package procfs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseStat(t *testing.T) {
	const tail = " 0 -1 4227148 359 0 0 0 7 3 0 0 20 0 2 0 188016 4096 55 18446744073709551615 0 0\n"
	tests := map[string]struct {
		text string
		want Stat
	}{
		"a plain one": {"5695 (cat) R 5654 5645 2834" + tail,
			Stat{Pid: 5695, Comm: "cat", State: 'R', Ppid: 5654, Pgrp: 5645, Session: 2834}},
		"a name with spaces, a parenthesis and a state": {"7 (a) S 1 (b) Z 1 7 7" + tail,
			Stat{Pid: 7, Comm: "a) S 1 (b", State: 'Z', Ppid: 1, Pgrp: 7, Session: 7}},
		"a name with a newline": {"7 (a\nb) S 1 7 7" + tail,
			Stat{Pid: 7, Comm: "a\nb", State: 'S', Ppid: 1, Pgrp: 7, Session: 7}},
		"no name": {"7 () S 1 7 7" + tail,
			Stat{Pid: 7, State: 'S', Ppid: 1, Pgrp: 7, Session: 7}},
		"a long name of a kernel worker": {"99 (kworker/u8:3-events_unbound) I 2 0 0" + tail,
			Stat{Pid: 99, Comm: "kworker/u8:3-events_unbound", State: 'I', Ppid: 2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.want.Foreground, tt.want.Flags, tt.want.UserTime, tt.want.SystemTime = -1, 4227148, 7, 3
			tt.want.Threads, tt.want.StartTime, tt.want.Size, tt.want.Resident = 2, 188016, 4096, 55
			got, err := ParseStat([]byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParseStatSaysWhichFieldIsWrong(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"nothing":            {"", "there is no name in parentheses"},
		"no parenthesis":     {"12 cat R 1", "there is no name in parentheses"},
		"the wrong way":      {"12 )cat( R 1", "there is no name in parentheses"},
		"torn after state":   {"12 (cat) R", "field 4 is missing"},
		"torn before start":  {"12 (cat) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0", "field 22 is missing"},
		"a state of a word":  {"12 (cat) Run 1", `field 3 is "Run"`},
		"a word as a number": {"12 (cat) R one 1", `field 4 is "one"`},
		"no number":          {"(cat) R 1 1", "field 1 is missing"},
		"too large a number": {"99999999999 (cat) R 1 1", `field 1 is "99999999999"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseStat([]byte(tt.text))
			assert.EqualError(t, err, tt.want)
			assert.Zero(t, got)
		})
	}
}

func TestAliveTellsAZombieFromALeaderWithoutItsFirstThread(t *testing.T) {
	tests := []struct {
		state   byte
		threads int
		want    bool
	}{{'R', 1, true}, {'S', 1, true}, {'D', 1, true}, {'T', 1, true}, {'I', 1, true},
		{'Z', 1, false}, {'Z', 0, false}, {'Z', 2, true}, {'X', 1, false}, {'x', 0, false}}
	for _, tt := range tests {
		assert.Equal(t, tt.want, Stat{State: tt.state, Threads: tt.threads}.Alive(), "%c with %d threads", tt.state, tt.threads)
	}
}

// The last field that is read may be the last one of the line.
func TestParseStatUpToTheEndOfTheLine(t *testing.T) {
	got, err := ParseStat([]byte("7 (a) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 55\n"))
	require.NoError(t, err)
	assert.EqualValues(t, 55, got.Resident)
}

func renderStat(s Stat) string {
	return fmt.Sprintf("%d (%s) %c %d %d %d %d %d %d 1 2 3 4 %d %d 5 6 20 0 %d 0 %d %d %d 9 9\n", s.Pid, s.Comm, s.State,
		s.Ppid, s.Pgrp, s.Session, s.TTY, s.Foreground, s.Flags, s.UserTime, s.SystemTime, s.Threads, s.StartTime, s.Size, s.Resident)
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(renderStat(Stat{Pid: 1, Comm: "a) S (b", State: 'S', Foreground: -1})))
	f.Add([]byte(strings.Repeat("1 ", 60)))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := ParseStat(text)
		if err != nil {
			return
		}
		second, err := ParseStat([]byte(renderStat(first)))
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}
