package fakesys

import (
	"bytes"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

// deafStopped plays a program that stops a child deaf to TERM when it is told to,
// and kills it two seconds later.
func deafStopped(trace *bytes.Buffer) *Kernel {
	opt := Options{}
	if trace != nil {
		opt.Trace = trace
	}
	k := New(opt)
	k.AddProgram("/bin/deaf", "ignore TERM; sleep forever")
	k.At(time.Second, "an operator comes", func() { k.SignalSelf(syscall.SIGTERM) })
	k.Spawn(sys.SpawnRequest{ID: 1, Path: "/bin/deaf"})
	k.Wait(sys.Never)
	child := k.Spawned()[0].Child
	k.Wait(sys.Never)
	_ = k.Signal(child.Handle, syscall.SIGTERM)
	k.Remark("deaf is stopping, until 3s", 3*time.Second)
	k.Wait(3 * time.Second)
	_ = k.Signal(child.Handle, syscall.SIGKILL)
	k.Wait(sys.Never)
	_, _, _ = k.Reap(child.Handle)
	return k
}

// numbers are those of the lines that a chain names.
var numbers = regexp.MustCompile(`<- \d+ `)

// line finds the one line of a trace that has these words after its time.
func line(t *testing.T, trace, words string) string {
	t.Helper()
	for _, l := range strings.Split(trace, "\n") {
		text, _, _ := strings.Cut(strings.Join(strings.Fields(l)[min(2, len(strings.Fields(l))):], " "), " <- ")
		if text == words {
			return strings.Join(strings.Fields(l), " ")
		}
	}
	require.Failf(t, "no such line", "%q in\n%s", words, trace)
	return ""
}

func TestTraceLineNamesItsCauses(t *testing.T) {
	var trace bytes.Buffer
	deafStopped(&trace)
	for words, chain := range map[string]string{
		"10 fork 11 10":      ` <- 10 spawn 1 "/bin/deaf"`,
		"10 kill 11 TERM":    " <- kill 10 TERM <- an operator comes",
		"10 kill 11 KILL":    " <- deaf is stopping, until 3s <- kill 10 TERM <- an operator comes",
		"11 exit by KILL":    " <- 10 kill 11 KILL <- deaf is stopping, until 3s <- kill 10 TERM <- an operator comes",
		"world reaped 11":    " <- 11 exit by KILL <- 10 kill 11 KILL <- deaf is stopping, until 3s <- kill 10 TERM <- ...",
		"10 woke by child":   " <- 11 exit by KILL <- 10 kill 11 KILL <- deaf is stopping, until 3s <- kill 10 TERM <- ...",
		"11 run 1 \"sleep\"": "",
	} {
		l := line(t, trace.String(), words)
		_, got, _ := strings.Cut(l, words)
		assert.Equal(t, chain, numbers.ReplaceAllString(got, "<- "), "%s\n%s", words, trace.String())
	}
}

func TestTraceDoesNotChangeTheRun(t *testing.T) {
	assert.Equal(t, deafStopped(nil).TraceHash(), deafStopped(&bytes.Buffer{}).TraceHash())
}
