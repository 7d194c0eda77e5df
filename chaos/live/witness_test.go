package live

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const witnessWord = "GOSV_TEST_WITNESS"

// A process that is stopped for a while stands for a machine that runs nobody.
func TestAWitnessOversleepsWhenNobodyRuns(t *testing.T) {
	if os.Getenv(witnessWord) != "" {
		witnessed()
	}
	self, err := os.Executable()
	require.NoError(t, err)
	read, write, err := os.Pipe()
	require.NoError(t, err)
	child, err := os.StartProcess(self, []string{self, "-test.run=^" + t.Name() + "$"},
		&os.ProcAttr{Env: append(os.Environ(), witnessWord+"=1"), Files: []*os.File{os.Stdin, write, os.Stderr}})
	require.NoError(t, err)
	require.NoError(t, write.Close())
	t.Cleanup(func() {
		_ = child.Kill()
		_, _ = child.Wait()
	})
	word := make([]byte, 32)
	_, err = read.Read(word) // it has a witness
	require.NoError(t, err)
	require.NoError(t, child.Signal(unix.SIGSTOP))
	time.Sleep(300 * time.Millisecond) // what is measured
	require.NoError(t, child.Signal(unix.SIGCONT))
	n, err := read.Read(word)
	require.NoError(t, err)
	overslept, err := strconv.Atoi(string(word[:n]))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, overslept, 250)
}

// witnessed says when it begins, and by how many milliseconds it overslept.
func witnessed() {
	w := newWitness()
	os.Stdout.WriteString("ready")
	for w.total() < 250*time.Millisecond {
		time.Sleep(nap)
	}
	w.close()
	os.Stdout.WriteString(strconv.FormatInt(w.total().Milliseconds(), 10))
	os.Exit(0)
}

func TestAGaugeCountsWhatTheWitnessOverslept(t *testing.T) {
	g := gauge{witness: &witness{}}
	g.take(os.Getpid(), 0)
	before := g.last().starved
	g.witness.overslept.Store(int64(time.Hour))
	g.take(os.Getpid(), gaugeGrain)
	assert.GreaterOrEqual(t, g.last().starved-before, time.Hour)
}
