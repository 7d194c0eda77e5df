package puppet_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/puppet"
)

func ExampleParse() {
	ops, err := puppet.Parse("on TERM {print bye; exit 0}; print ready; sleep forever")
	fmt.Println(len(ops), ops[0].Sig, ops[1].Text, err)
	fmt.Println(puppet.Format(ops))
	// Output:
	// 3 terminated ready <nil>
	// on TERM {print bye; exit 0}; print ready; sleep forever
}

func TestEveryOperationIsRead(t *testing.T) {
	for script, want := range map[string]puppet.Op{
		"exit 3":         {Verb: puppet.Exit, N: 3},
		"die SIGSEGV":    {Verb: puppet.Die, Sig: syscall.SIGSEGV},
		"sleep 1s":       {Verb: puppet.Sleep, Time: time.Second},
		"sleep forever":  {Verb: puppet.Sleep, Time: puppet.Forever},
		"block 1s":       {Verb: puppet.Block, Time: time.Second},
		"print a  b":     {Verb: puppet.Print, Text: "a  b"},
		"print":          {Verb: puppet.Print},
		"warn w":         {Verb: puppet.Warn, Text: "w"},
		"write w":        {Verb: puppet.Write, Text: "w"},
		"flood 70000":    {Verb: puppet.Flood, N: 70000},
		"ignore TERM":    {Verb: puppet.Ignore, Sig: syscall.SIGTERM},
		"default TERM":   {Verb: puppet.Default, Sig: syscall.SIGTERM},
		"on CONT {}":     {Verb: puppet.On, Sig: syscall.SIGCONT, Body: []puppet.Op{}},
		"fork {stop}":    {Verb: puppet.Fork, Body: []puppet.Op{{Verb: puppet.Stop}}},
		"daemon {wait}":  {Verb: puppet.Daemon, Body: []puppet.Op{{Verb: puppet.Wait}}},
		"headless":       {Verb: puppet.Headless},
		"trace 0":        {Verb: puppet.Trace},
		"sibling {wait}": {Verb: puppet.Sibling, Body: []puppet.Op{{Verb: puppet.Wait}}},
		"loop {setsid;}": {Verb: puppet.Loop, Body: []puppet.Op{{Verb: puppet.Setsid}}},
	} {
		ops, err := puppet.Parse("; " + script + " ;\n")
		require.NoError(t, err, script)
		assert.Empty(t, cmp.Diff([]puppet.Op{want}, ops), script)
	}
}

func TestABadScriptIsRefusedAtItsPlace(t *testing.T) {
	for script, want := range map[string]string{
		"dance":               `puppet script, at 0: unknown operation "dance"`,
		"print a; exit":       `puppet script, at 9: "" is no number from 0 to 255`,
		"exit 256":            `puppet script, at 0: "256" is no number from 0 to 255`,
		"sleep -1s":           `puppet script, at 0: a sleep of -1s is less than nothing`,
		"die TERMINATE":       `puppet script, at 0: "TERMINATE" is no signal`,
		"die STOP":            `puppet script, at 0: STOP does not end a process`,
		"ignore KILL":         `puppet script, at 0: KILL cannot be handled or ignored`,
		"on PROF {}":          `puppet script, at 0: PROF cannot be handled: a real puppet's runtime keeps it for itself`,
		"stop now":            `puppet script, at 0: stop takes no word, not "now"`,
		"fork print a":        `puppet script, at 0: fork takes no word, not "print a"`,
		"fork":                `puppet script, at 4: fork needs a {script}`,
		"fork {print a":       `puppet script, at 13: a { is not closed`,
		"print a}":            `puppet script, at 7: a } without a {`,
		"loop {exit 1; oops}": `puppet script, at 14: unknown operation "oops"`,
	} {
		_, err := puppet.Parse(script)
		assert.EqualError(t, err, want, script)
	}
}

// FuzzParseFormat holds that what Format writes, Parse reads as the same.
func FuzzParseFormat(f *testing.F) {
	f.Add("on TERM {print bye; exit 0}; fork {ignore TERM; sleep forever}; print ready; sleep forever")
	f.Add("daemon {setsid; loop {flood 3; sleep 1.5ms}}\nwarn \t a b ;; write; wait stop")
	f.Fuzz(func(t *testing.T, script string) {
		ops, err := puppet.Parse(script)
		if err != nil {
			return
		}
		text := puppet.Format(ops)
		again, err := puppet.Parse(text)
		require.NoError(t, err, text)
		assert.Empty(t, cmp.Diff(ops, again), text)
	})
}
