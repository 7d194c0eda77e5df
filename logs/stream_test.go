package logs_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gosv/gosv/logs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestStreamWritesWholeLines(t *testing.T) {
	for _, c := range []struct {
		name   string
		chunks []string
		want   string
	}{
		{"nothing", nil, ""},
		{"a line", []string{"up\n"}, "web | up\n"},
		{"an empty line", []string{"\n"}, "web | \n"},
		{"lines in one chunk", []string{"a\nb\n"}, "web | a\nweb | b\n"},
		{"a line in chunks", []string{"a", "b", "c\nd", "\n"}, "web | abc\nweb | d\n"},
		{"no newline at the end", []string{"a\nb"}, "web | a\nweb | b\n"},
		{"CR LF", []string{"a\r\nb\r", "\n"}, "web | a\nweb | b\n"},
		{"lone CR", []string{"10%\r20%\n\r\r\nx\r"}, "web | 10%\r20%\nweb | \r\nweb | x\r\n"},
		{"NUL and escapes pass", []string{"\x00\x1b[1mred\n"}, "web | \x00\x1b[1mred\n"},
		{"as long as allowed", []string{"12345678\n"}, "web | 12345678\n"},
		{"as long as allowed, CR LF", []string{"12345678\r", "\n"}, "web | 12345678\n"},
		{"too long", []string{"123456789\n"}, "web | 12345678\nweb | 9\n"},
		{"too long, no newline", []string{"12345678", "9"}, "web | 12345678\nweb | 9\n"},
		{"cut before a character", []string{"1234567\u20ac\n"}, "web | 1234567\nweb | \u20ac\n"},
		{"cut where no UTF-8 is", []string{"\x80\x80\x80\x80\x80\x80\x80\x80\x81\n"}, "web | \x80\x80\x80\x80\x80\x80\x80\x80\nweb | \x81\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out pipe
			d := logs.NewDestination(&out, logs.Options{LineMax: 8})
			s := d.NewStream("web")
			writeAll(s, c.chunks...)
			s.Close()
			stats := d.Close(aMinute)
			assert.Equal(t, c.want, out.String())
			assert.Equal(t, logs.Stats{Written: int64(len(c.want))}, stats)
		})
	}
}

func TestChunksDoNotChangeLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lineMax := rapid.IntRange(1, 9).Draw(t, "lineMax")
		chunks := rapid.SliceOf(rapid.StringOf(rapid.SampledFrom([]rune("ab\r\n\u20ac\U0001f600\u00e9")))).Draw(t, "chunks")
		assertSplit(t, lineMax, chunks)
	})
}

func FuzzStream(f *testing.F) {
	f.Add([]byte("a\r\nb\n\xe2\x82\xacc"), uint8(3), uint8(4))
	f.Add([]byte("\r\r\n\n\x80\x80\x80\x80\x80"), uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, lineMax, chunk uint8) {
		var chunks []string
		for rest := string(stream); rest != ""; {
			n := min(int(chunk)+1, len(rest))
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		assertSplit(t, int(lineMax)+1, chunks)
	})
}

func assertSplit(t require.TestingT, lineMax int, chunks []string) {
	var want strings.Builder
	for _, line := range wholeLines(strings.Join(chunks, ""), lineMax) {
		want.WriteString("web | " + line + "\n")
	}
	var out pipe
	d := logs.NewDestination(&out, logs.Options{LineMax: lineMax})
	s := d.NewStream("web")
	writeAll(s, chunks...)
	s.Close()
	d.Close(aMinute)
	require.Equal(t, want.String(), out.String())
}

func TestALineOfTenMegabytesBreaksNothing(t *testing.T) {
	var out pipe
	d := logs.NewDestination(&out, logs.Options{})
	s := d.NewStream("web")
	chunk := []byte(strings.Repeat("x", 64<<10))
	resumed := make(chan struct{}, 1)
	const chunks = 160
	for range chunks {
		for p := chunk; len(p) > 0; {
			n := s.Room(func() { resumed <- struct{}{} })
			if n == 0 {
				<-resumed
				continue
			}
			n = min(n, len(p))
			s.Write(p[:n])
			p = p[n:]
		}
	}
	s.Close()
	stats := d.Close(aMinute)
	assert.Zero(t, stats.LostBytes)
	pieces := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	assert.Len(t, pieces, chunks*len(chunk)/logs.DefaultLineMax)
	for _, p := range pieces {
		require.Len(t, p, len("web | ")+logs.DefaultLineMax)
	}
}

func TestIdleStreamsCostNeitherGoroutineNorBuffer(t *testing.T) {
	const n, line = 1000, "service | begun\n"
	written := make(chan int, n)
	d := logs.NewDestination(writerFunc(func(p []byte) (int, error) {
		written <- len(p)
		return len(p), nil
	}), logs.Options{})
	defer d.Close(aMinute)
	streams := make([]*logs.Stream, n)
	goroutines, before := runtime.NumGoroutine(), heap()
	for i := range streams {
		streams[i] = d.NewStream("service")
		writeAll(streams[i], "beg", "un\n")
	}
	for todo := n * len(line); todo > 0; {
		todo -= <-written
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "some of earlier tests may end")
	assert.Less(t, heap()-before, int64(n*256), "bytes of heap for %d streams", n)
	runtime.KeepAlive(streams)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestManyWritersShareOneDestination(t *testing.T) {
	var out pipe
	d := logs.NewDestination(&out, logs.Options{QueueMax: 500})
	const writers, lines = 8, 200
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			s := d.NewStream("web")
			resumed := make(chan struct{})
			for range lines {
				for room := 0; room < len("half, half\n"); {
					if room = s.Room(func() { resumed <- struct{}{} }); room == 0 {
						<-resumed
					}
					d.Stats()
				}
				writeAll(s, "half, ", "half\n")
			}
			s.Close()
		})
	}
	all.Wait()
	assert.Zero(t, d.Close(aMinute).LostLines)
	assert.Equal(t, strings.Repeat("web | half, half\n", writers*lines), out.String())
}
