package difftest_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/tools/difftest"
)

var (
	sequences = flag.Int("sequences", 0, "how many random sequences are played; 0: some, for a second")
	workers   = flag.Int("workers", 1, "how many processes play them")
	seed      = flag.Uint64("seed", uint64(time.Now().UnixNano()), "the seed of the sequences")
)

// tally is what random sequences came to.
type tally struct {
	sequences, ops, branches, known int
	begun                           time.Time
}

func (c *tally) String() string {
	return fmt.Sprintf("%d sequences, %d operations, %d branches followed, %d known divergences, %.1f seconds",
		c.sequences, c.ops, c.branches, c.known, time.Since(c.begun).Seconds())
}

func (c *tally) add(out difftest.Outcome) {
	c.sequences++
	c.ops += out.Played
	c.branches += out.Followed
}

func TestRandomSequences(t *testing.T) {
	if *workers > 1 {
		inWorkers(t)
		return
	}
	checks, until := 40, time.Now().Add(time.Second)
	if *sequences > 0 {
		checks, until = *sequences, time.Now().Add(time.Hour)
	}
	require.NoError(t, flag.Set("rapid.checks", strconv.Itoa(checks)))
	require.NoError(t, flag.Set("rapid.seed", strconv.FormatUint(*seed, 10)))
	require.NoError(t, flag.Set("rapid.nofailfile", "true"))

	m, ledger := newMachine(t), readLedger(t)
	count := &tally{begun: time.Now()}
	var shortest *difftest.Divergence
	defer func() {
		t.Logf("%v, seed %d", count, *seed)
		if shortest != nil {
			keep(t, shortest.Shorten(func(seq difftest.Sequence) *difftest.Divergence { return m.compare(seq).Divergence }))
		}
	}()
	rapid.Check(t, func(rt *rapid.T) {
		seq := difftest.Generator(m.root != "").Draw(rt, "sequence")
		if time.Now().After(until) && shortest == nil {
			return
		}
		out := m.compare(seq)
		count.add(out)
		switch d := out.Divergence; {
		case d == nil:
		case ledger.Find(d) != nil:
			count.known++
		default:
			shortest, m.patience = d, time.Second
			rt.Fatal("the kernel and the fake differ")
		}
	})
}

// keep makes a divergence a case for ever.
func keep(t *testing.T, d *difftest.Divergence) {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(d.Sequence.String()))
	name := fmt.Sprintf("testdata/found-%08x.sequence", sum.Sum32())
	require.NoError(t, os.WriteFile(name, []byte(d.String()), 0o644))
	t.Logf("this is the shortest sequence, kept in %s: give that a name, and mend the fake\n%s", name, d)
}

// inWorkers plays the sequences in several processes: a process has one kernel.
func inWorkers(t *testing.T) {
	type result struct {
		out []byte
		err error
	}
	results := make(chan result, *workers)
	begun := time.Now()
	for i := range *workers {
		share := (*sequences + i) / *workers
		go func() {
			out, err := exec.Command(os.Args[0], "-test.run=^TestRandomSequences$", "-test.v", "-test.timeout=1h",
				"-sequences", strconv.Itoa(share), "-seed", strconv.FormatUint(*seed*uint64(*workers)+uint64(i), 10)).CombinedOutput()
			results <- result{out, err}
		}()
	}
	total := regexp.MustCompile(`(\d+) sequences, (\d+) operations, (\d+) branches followed, (\d+) known divergences`)
	sums, red := [4]int{}, 0
	for range *workers {
		r := <-results
		if found := total.FindSubmatch(r.out); found != nil {
			for i := range sums {
				n, _ := strconv.Atoi(string(found[i+1]))
				sums[i] += n
			}
		}
		if r.err != nil {
			red++
			t.Errorf("%v\n%s", r.err, r.out)
		}
	}
	seconds := time.Since(begun).Seconds()
	t.Logf("%d sequences with %d operations in %.0f seconds by %d processes (%.1f a second), %d branches followed, %d known divergences, %d unlisted; seed %d",
		sums[0], sums[1], seconds, *workers, float64(sums[0])/seconds, sums[2], sums[3], red, *seed)
}

func read(t *testing.T, name string) string {
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

func readLedger(t *testing.T) difftest.Ledger {
	ledger, err := difftest.ParseLedger(read(t, "testdata/ledger"))
	require.NoError(t, err)
	return ledger
}

// playable reads a sequence of a file, and skips it where it cannot be played.
func (m *machine) playable(t *testing.T, name string) difftest.Sequence {
	seq, err := difftest.Parse(read(t, name))
	require.NoError(t, err, name)
	if m.root == "" && seq.NeedsCgroups() {
		t.Skip(m.why)
	}
	return seq
}

func TestKeptSequencesAgree(t *testing.T) {
	m := newMachine(t)
	names, err := filepath.Glob("testdata/*.sequence")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			seq := m.playable(t, name)
			if out := m.compare(seq); out.Divergence != nil {
				t.Errorf("the kernel and the fake differ:\n%s", out.Divergence)
			}
		})
	}
}

func TestEachKnownDivergenceStillDiverges(t *testing.T) {
	m, ledger := newMachine(t), readLedger(t)
	m.patience = 300 * time.Millisecond
	listed := map[string]bool{}
	for i := range ledger {
		entry := &ledger[i]
		listed["testdata/known/"+entry.Name] = true
		t.Run(entry.Name, func(t *testing.T) {
			out := m.compare(m.playable(t, "testdata/known/"+entry.Name))
			if out.Divergence == nil {
				t.Fatalf("it does not diverge any more: take it out of the ledger and move the sequence to testdata\n(%s)", entry.Why)
			}
			assert.Same(t, entry, ledger.Find(out.Divergence), "it diverges in another way:\n%s", out.Divergence)
		})
	}
	names, err := filepath.Glob("testdata/known/*")
	require.NoError(t, err)
	for _, name := range names {
		assert.True(t, listed[name], "%s is not in the ledger", name)
	}
}

// A fake that is wrong on purpose is found, and what is reported names the fact.
func TestAWrongFakeIsFound(t *testing.T) {
	m := newMachine(t)
	if m.root == "" {
		t.Skip(m.why)
	}
	seq, err := difftest.Parse("spawn exits\nmkdir a\nwrite a/cgroup.kill 1\nspawn exits in a\npeek p2")
	require.NoError(t, err)
	m.killBug, m.patience = !m.killBug, 300*time.Millisecond
	out := m.compare(seq)
	require.NotNil(t, out.Divergence)
	assert.Equal(t, 3, out.Played)
	kernel, fake := out.Divergence.Lines()
	assert.Contains(t, kernel, "s2 p2, out [")
	assert.Contains(t, fake, "s2 p2, out [")
	assert.Contains(t, out.Divergence.String(), "#   kernel: "+kernel)
	assert.Nil(t, readLedger(t).Find(out.Divergence))
}
