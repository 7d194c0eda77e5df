package logs_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosv/gosv/logs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sink accepts everything and counts it.
type sink struct{ bytes, closed int }

func (*sink) Room(func()) int  { return 1 << 20 }
func (s *sink) Write(p []byte) { s.bytes += len(p) }
func (s *sink) Close()         { s.closed++ }

func texts(lines []logs.Line) (all []string) {
	for _, l := range lines {
		all = append(all, l.Service+": "+l.Text)
	}
	return all
}

func TestTailReturnsTheLastLinesOfServices(t *testing.T) {
	h := logs.NewHistory(logs.DefaultHistoryMax, logs.DefaultHistoryTotal)
	var out sink
	a, b := h.Record("a", &out), h.Record("b", &out)
	a.Write([]byte("1\n2\r\n3 be"))
	b.Write([]byte("one\n"))
	a.Write([]byte("gun\nunfinished"))
	all := []string{"a", "b", "never started"}
	for n, want := range map[int][]string{
		0: nil, 1: {"a: 3 begun"}, 2: {"b: one", "a: 3 begun"}, 9: {"a: 1", "a: 2", "b: one", "a: 3 begun"},
	} {
		lines, _ := h.Tail(all, n)
		assert.Equal(t, want, texts(lines), "%d lines", n)
	}
	a.Close()
	lines, _ := h.Tail([]string{"a"}, 1)
	assert.Equal(t, []string{"a: unfinished"}, texts(lines), "the end of the output ends its last line")
	assert.Equal(t, sink{bytes: 27, closed: 1}, out)
}

func TestLineHasTimeAndGeneration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := logs.NewHistory(logs.DefaultHistoryMax, logs.DefaultHistoryTotal)
		began := time.Now()
		first := h.Record("a", &sink{})
		first.Write([]byte("up\nhalf a"))
		time.Sleep(time.Second) // virtual
		second := h.Record("a", &sink{})
		second.Write([]byte("up again\n"))
		first.Write([]byte("last words\n"))
		lines, _ := h.Tail([]string{"a"}, 9)
		var got []string
		for _, l := range lines {
			got = append(got, fmt.Sprintf("%v %d %s", l.Time.Sub(began), l.Generation, l.Text))
		}
		assert.Equal(t, []string{"0s 1 up", "1s 1 half a", "1s 2 up again", "1s 1 last words"}, got)
	})
}

func TestFollowContinuesAfterTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := logs.NewHistory(logs.DefaultHistoryMax, logs.DefaultHistoryTotal)
		a, b := h.Record("a", &sink{}), h.Record("b", &sink{})
		a.Write([]byte("1\n2"))
		_, next := h.Tail([]string{"a"}, 1)
		go func() {
			time.Sleep(time.Second) // virtual
			b.Write([]byte("of another service\n"))
			time.Sleep(time.Second)
			a.Write([]byte(" is whole\n"))
		}()
		lines, next, err := h.Follow(t.Context(), []string{"a"}, next)
		require.NoError(t, err)
		assert.Equal(t, []string{"a: 2 is whole"}, texts(lines))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, same, err := h.Follow(ctx, []string{"a"}, next)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, next, same)
	})
}

func TestHistoryIsBoundedAndCountsWhatAReaderMissed(t *testing.T) {
	const max = 256 << 10
	h := logs.NewHistory(max, 3*max)
	var names []string
	for i := range 6 {
		names = append(names, fmt.Sprint("s", i))
		s := h.Record(names[i], &sink{})
		for n := range 10_000 {
			s.Write([]byte(fmt.Sprintf("%04d%s\n", n, strings.Repeat("x", 95))))
		}
	}
	held := 0
	for _, name := range names {
		lines, _, err := h.Follow(t.Context(), []string{name}, 0)
		require.NoError(t, err)
		first := 0
		fmt.Sscanf(lines[0].Text, "%04d", &first)
		assert.EqualValues(t, first, lines[0].Dropped)
		assert.Equal(t, 10_000, first+len(lines))
		assert.LessOrEqual(t, len(lines)*100, max)
		held += len(lines) * 100
	}
	assert.LessOrEqual(t, held, 3*max)
	assert.Greater(t, held, 2*max)
}

// Whatever the chunks and the limits, each service's lines come in order, and what is
// missing is counted.
func TestEveryLineIsInHistoryOrCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := logs.NewHistory(rapid.IntRange(1, 300<<10).Draw(t, "perService"), rapid.IntRange(1, 500<<10).Draw(t, "total"))
		wrote := map[string][]string{}
		streams := map[string]interface{ Write([]byte) }{}
		for _, name := range services {
			streams[name] = h.Record(name, &sink{})
		}
		for range rapid.IntRange(0, 30).Draw(t, "chunks") {
			name := rapid.SampledFrom(services).Draw(t, "service")
			count, width := rapid.IntRange(1, 50).Draw(t, "lines"), rapid.SampledFrom([]int{0, 1, 99, 5000, 70_000}).Draw(t, "width")
			var text strings.Builder
			for range min(count, 200_000/(width+1)) {
				line := fmt.Sprint(len(wrote[name]), strings.Repeat("x", width))
				wrote[name] = append(wrote[name], line)
				text.WriteString(line + "\n")
			}
			for rest := text.String(); rest != ""; {
				n := min(len(rest), rapid.SampledFrom([]int{1000, 4096, 64 << 10}).Draw(t, "chunk"))
				streams[name].Write([]byte(rest[:n]))
				rest = rest[n:]
			}
		}
		for _, name := range services {
			lines, _ := h.Tail([]string{name}, 1<<20)
			require.LessOrEqual(t, len(lines), len(wrote[name]))
			missing := len(wrote[name]) - len(lines)
			for i, line := range lines {
				require.Equal(t, wrote[name][missing+i], line.Text)
				require.True(t, i == 0 || line.Seq > lines[i-1].Seq)
			}
			if len(lines) > 0 {
				followed, _, err := h.Follow(context.Background(), []string{name}, 0)
				require.NoError(t, err)
				require.EqualValues(t, missing, followed[0].Dropped, "of %d", len(wrote[name]))
			}
		}
	})
}

func TestReadersNeverSeeATornLine(t *testing.T) {
	h := logs.NewHistory(128<<10, 128<<10)
	s := h.Record("a", &sink{})
	line := strings.Repeat("y", 777)
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				lines, _ := h.Tail([]string{"a"}, 1000)
				for _, l := range lines {
					if l.Text != line {
						t.Errorf("a torn line: %.80q", l.Text)
						return
					}
				}
			}
		})
	}
	for range 20_000 {
		s.Write([]byte(line + "\n"))
	}
	close(stop)
	readers.Wait()
}

func TestLastIsALineOfOneStartThatIsNotEmpty(t *testing.T) {
	h := logs.NewHistory(logs.DefaultHistoryMax, logs.DefaultHistoryTotal)
	first := h.Record("a", &sink{})
	assert.Empty(t, first.Last())
	first.Write([]byte("reason\n\n \n"))
	second := h.Record("a", &sink{})
	assert.Equal(t, "reason", first.Last())
	assert.Empty(t, second.Last())
	second.Write([]byte(strings.Repeat("more\n", 300)))
	assert.Equal(t, "reason", first.Last(), "behind many lines of a later start")
}

func BenchmarkHistory(b *testing.B) {
	h := logs.NewHistory(logs.DefaultHistoryMax, logs.DefaultHistoryTotal)
	s := h.Record("a", &sink{})
	chunk := []byte(strings.Repeat(strings.Repeat("x", 99)+"\n", 655))
	b.SetBytes(int64(len(chunk)))
	b.ReportAllocs()
	for b.Loop() {
		s.Write(chunk)
	}
}
