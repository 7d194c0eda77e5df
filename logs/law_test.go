package logs_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/gosv/gosv/logs"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// outcome is the result of one write.
type outcome struct {
	take  int // bytes, or fewer if the write has fewer
	err   error
	stuck bool // until the gate opens
}

func outcomes(t *rapid.T, errs ...error) []outcome {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) outcome {
		return outcome{
			take:  rapid.IntRange(0, 40).Draw(t, "take"),
			err:   rapid.SampledFrom(errs).Draw(t, "err"),
			stuck: rapid.IntRange(0, 3).Draw(t, "stuck") == 0,
		}
	}), 0, 20).Draw(t, "outcomes")
}

// scripted returns a writer with these outcomes. Later writes succeed.
func scripted(todo []outcome, gate chan struct{}) *pipe {
	return &pipe{answer: func(p []byte) (int, error) {
		if len(todo) == 0 {
			return len(p), nil
		}
		o := todo[0]
		todo = todo[1:]
		if o.stuck {
			<-gate
		}
		if o.err == nil {
			o.take = max(o.take, 1)
		}
		return min(o.take, len(p)), o.err
	}}
}

var services = []string{"a", "bb", "ccc"}

const lawLineMax = 7

// drive writes random chunks to one stream per service, never more than Room allows,
// and closes all streams. It returns what each service wrote.
func drive(t *rapid.T, d *logs.Destination, gate chan struct{}) [3]string {
	var streams [3]*logs.Stream
	var wrote [3]string
	for i, name := range services {
		streams[i] = d.NewStream(name)
	}
	chunk := rapid.StringOfN(rapid.SampledFrom([]rune("xy\r\n\u20ac")), 1, 30, -1)
	resumed := make(chan struct{})
	for range rapid.IntRange(0, 60).Draw(t, "chunks") {
		i := rapid.IntRange(0, len(streams)-1).Draw(t, "service")
		p := chunk.Draw(t, "chunk")
		wrote[i] += p
		for p != "" {
			n := min(len(p), streams[i].Room(func() { resumed <- struct{}{} }))
			for n == 0 {
				select {
				case gate <- struct{}{}:
					continue
				case <-resumed:
				}
				break
			}
			streams[i].Write([]byte(p[:n]))
			p = p[n:]
		}
	}
	close(gate)
	for _, s := range streams {
		s.Close()
	}
	return wrote
}

// Every line arrives whole and in order, or is counted, whatever the chunks, the
// policy, the errors, partial writes and pauses.
func TestEveryLineArrivesOrIsCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gate := make(chan struct{})
		out := scripted(outcomes(t, nil, nil, syscall.EPIPE, syscall.ENOSPC, syscall.EINTR), gate)
		opt := lawOptions(t)
		d := logs.NewDestination(out, opt)
		wrote := drive(t, d, gate)
		stats := d.Close(aMinute)

		var lines, bytes, arrivedLines, reported int
		for i, name := range services {
			want := wholeLines(wrote[i], lawLineMax)
			for _, line := range want {
				lines, bytes = lines+1, bytes+len(name+" | "+line+"\n")
			}
			for _, line := range linesOf(t, wholePart(out.String()), name) {
				if dropped(line) > 0 {
					reported += len(name + " | " + line + "\n")
					continue
				}
				arrivedLines++
				for len(want) > 0 && want[0] != line {
					want = want[1:]
				}
				require.NotEmpty(t, want, "%s: %q came too often or out of order", name, line)
				want = want[1:]
			}
		}
		require.Zero(t, stats.Queued)
		require.EqualValues(t, len(out.String()), stats.Written)
		// Where lines are dropped, a report of them can be lost to an error, and
		// counts as lost then. Block drops nothing that Room allowed.
		require.GreaterOrEqual(t, arrivedLines+int(stats.LostLines), lines)
		require.GreaterOrEqual(t, int(stats.Written+stats.LostBytes)-reported, bytes)
		if opt.Policy == logs.Block {
			require.Zero(t, reported)
			require.Equal(t, lines, arrivedLines+int(stats.LostLines))
			require.Equal(t, bytes, int(stats.Written+stats.LostBytes))
		}
	})
}

// Without errors Block loses nothing, and Drop reports every gap in its place.
func TestEveryDropIsReportedInItsPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gate := make(chan struct{})
		out := scripted(outcomes(t, nil, syscall.EINTR), gate)
		opt := lawOptions(t)
		d := logs.NewDestination(out, opt)
		wrote := drive(t, d, gate)
		stats := d.Close(aMinute)
		for i, name := range services {
			want := wholeLines(wrote[i], lawLineMax)
			for _, line := range linesOf(t, out.String(), name) {
				if n := dropped(line); n > 0 {
					want = want[n:]
					continue
				}
				require.Equal(t, want[0], line)
				want = want[1:]
			}
			// Drops at the end have no later line to be reported before.
			stats.LostLines -= int64(len(want))
			require.GreaterOrEqual(t, stats.LostLines, int64(0))
		}
	})
}

func lawOptions(t *rapid.T) logs.Options {
	return logs.Options{
		LineMax:  lawLineMax,
		QueueMax: rapid.IntRange(1, 120).Draw(t, "queueMax"),
		Policy:   rapid.SampledFrom([]logs.Policy{logs.Block, logs.Drop}).Draw(t, "policy"),
	}
}

// wholePart returns out without an incomplete line at its end, which counts as lost.
func wholePart(out string) string { return out[:strings.LastIndex(out, "\n")+1] }

// linesOf returns the lines of a service and requires that all lines are whole.
func linesOf(t *rapid.T, out, name string) (lines []string) {
	for line := range strings.Lines(out) {
		require.True(t, strings.HasSuffix(line, "\n"), "%q is not whole", line)
		service, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " | ")
		require.True(t, ok, "%q has no name", line)
		require.Contains(t, services, service)
		if service == name {
			lines = append(lines, text)
		}
	}
	return lines
}

// dropped returns the number in a report of drops, 0 for other lines.
func dropped(text string) (n int) {
	_, _ = fmt.Sscanf(text, "(%d line", &n)
	return n
}
