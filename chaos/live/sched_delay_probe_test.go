package live

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
)

const probeVariable = "GOSV_TEST_PROBE"

// A process that is stopped for a time stands for a machine that runs no process.
func TestProbeRecordsTimesInWhichItDidNotRun(t *testing.T) {
	if os.Getenv(probeVariable) != "" {
		runProbe()
	}
	self, err := os.Executable()
	require.NoError(t, err)
	read, write, err := os.Pipe()
	require.NoError(t, err)
	child, err := os.StartProcess(self, []string{self, "-test.run=^" + t.Name() + "$"},
		&os.ProcAttr{Env: append(os.Environ(), probeVariable+"=1"), Files: []*os.File{os.Stdin, write, os.Stderr}})
	require.NoError(t, err)
	require.NoError(t, write.Close())
	t.Cleanup(func() {
		_ = child.Kill()
		_, _ = child.Wait()
	})
	word := make([]byte, 32)
	_, err = read.Read(word) // the probe runs
	require.NoError(t, err)
	require.NoError(t, child.Signal(unix.SIGSTOP))
	time.Sleep(300 * time.Millisecond) // what is measured
	require.NoError(t, child.Signal(unix.SIGCONT))
	n, err := read.Read(word)
	require.NoError(t, err)
	assert.Equal(t, "seen", string(word[:n]))
}

// runProbe reports that the probe runs, and when it has recorded 250 ms.
func runProbe() {
	p := newSchedDelayProbe(now())
	os.Stdout.WriteString("ready")
	for total := time.Duration(0); total < 250*time.Millisecond; time.Sleep(probeSleep) {
		total = 0
		p.mu.Lock()
		for _, i := range p.delays {
			total += i.To - i.From
		}
		p.mu.Unlock()
	}
	p.stop()
	os.Stdout.WriteString("seen")
	os.Exit(0)
}

func TestUnionMergesOverlappingIntervals(t *testing.T) {
	of := func(from, to time.Duration) chaos.Interval { return chaos.Interval{From: from, To: to} }
	assert.Equal(t, []chaos.Interval{of(1, 6), of(8, 9)}, union([]chaos.Interval{of(3, 6), of(8, 9), of(1, 4), of(2, 3)}))
	assert.Empty(t, union(nil))
}

func TestProbeKeepsTheLatestDelays(t *testing.T) {
	p := &schedDelayProbe{}
	for i := range time.Duration(maxSchedDelays + 1) {
		p.add(chaos.Interval{From: i, To: i + 1})
	}
	assert.Equal(t, chaos.Interval{From: maxSchedDelays, To: maxSchedDelays + 1}, p.delays[len(p.delays)-1])
	assert.Len(t, p.delays, maxSchedDelays/2+1)
}
