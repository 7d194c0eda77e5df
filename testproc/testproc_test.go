package testproc_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/testproc"
)

func ExampleParse() {
	ops, err := testproc.Parse("on TERM {print bye; exit 0}; print ready; sleep forever")
	fmt.Println(len(ops), ops[0].Sig, ops[1].Text, err)
	fmt.Println(testproc.Format(ops))
	// Output:
	// 3 terminated ready <nil>
	// on TERM {print bye; exit 0}; print ready; sleep forever
}

func TestParseReadsEveryOperation(t *testing.T) {
	for script, want := range map[string]testproc.Op{
		"exit 3":         {Verb: testproc.Exit, N: 3},
		"die SIGSEGV":    {Verb: testproc.Die, Sig: syscall.SIGSEGV},
		"sleep 1s":       {Verb: testproc.Sleep, Time: time.Second},
		"sleep forever":  {Verb: testproc.Sleep, Time: testproc.Forever},
		"block 1s":       {Verb: testproc.Block, Time: time.Second},
		"print a  b":     {Verb: testproc.Print, Text: "a  b"},
		"print":          {Verb: testproc.Print},
		"warn w":         {Verb: testproc.Warn, Text: "w"},
		"write w":        {Verb: testproc.Write, Text: "w"},
		"flood 70000":    {Verb: testproc.Flood, N: 70000},
		"ignore TERM":    {Verb: testproc.Ignore, Sig: syscall.SIGTERM},
		"default TERM":   {Verb: testproc.Default, Sig: syscall.SIGTERM},
		"on CONT {}":     {Verb: testproc.On, Sig: syscall.SIGCONT, Body: []testproc.Op{}},
		"fork {stop}":    {Verb: testproc.Fork, Body: []testproc.Op{{Verb: testproc.Stop}}},
		"daemon {wait}":  {Verb: testproc.Daemon, Body: []testproc.Op{{Verb: testproc.Wait}}},
		"end-leader":     {Verb: testproc.EndLeader},
		"trace 0":        {Verb: testproc.Trace},
		"sibling {wait}": {Verb: testproc.Sibling, Body: []testproc.Op{{Verb: testproc.Wait}}},
		"loop {setsid;}": {Verb: testproc.Loop, Body: []testproc.Op{{Verb: testproc.Setsid}}},
	} {
		ops, err := testproc.Parse("; " + script + " ;\n")
		require.NoError(t, err, script)
		assert.Empty(t, cmp.Diff([]testproc.Op{want}, ops), script)
	}
}

func TestParseErrorsNameThePosition(t *testing.T) {
	for script, want := range map[string]string{
		"dance":               `testproc script, at 0: unknown operation "dance"`,
		"print a; exit":       `testproc script, at 9: "" is not a number from 0 to 255`,
		"exit 256":            `testproc script, at 0: "256" is not a number from 0 to 255`,
		"sleep -1s":           `testproc script, at 0: sleep -1s: the duration is negative`,
		"die TERMINATE":       `testproc script, at 0: "TERMINATE" is not a signal`,
		"die STOP":            `testproc script, at 0: STOP does not end a process`,
		"ignore KILL":         `testproc script, at 0: KILL cannot be handled or ignored`,
		"on PROF {}":          `testproc script, at 0: PROF cannot be handled: the Go runtime of a real process uses it`,
		"stop now":            `testproc script, at 0: stop takes no argument, got "now"`,
		"fork print a":        `testproc script, at 0: fork takes no argument, got "print a"`,
		"fork":                `testproc script, at 4: fork needs a {script}`,
		"fork {print a":       `testproc script, at 13: a { is not closed`,
		"print a}":            `testproc script, at 7: a } without a {`,
		"loop {exit 1; oops}": `testproc script, at 14: unknown operation "oops"`,
	} {
		_, err := testproc.Parse(script)
		assert.EqualError(t, err, want, script)
	}
}

// FuzzParseFormat checks that Parse reads the output of Format as the same operations.
func FuzzParseFormat(f *testing.F) {
	f.Add("on TERM {print bye; exit 0}; fork {ignore TERM; sleep forever}; print ready; sleep forever")
	f.Add("daemon {setsid; loop {flood 3; sleep 1.5ms}}\nwarn \t a b ;; write; wait stop")
	f.Fuzz(func(t *testing.T, script string) {
		ops, err := testproc.Parse(script)
		if err != nil {
			return
		}
		text := testproc.Format(ops)
		again, err := testproc.Parse(text)
		require.NoError(t, err, text)
		assert.Empty(t, cmp.Diff(ops, again), text)
	})
}
