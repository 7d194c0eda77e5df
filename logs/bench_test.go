package logs_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gosv/gosv/logs"
)

// BenchmarkStream carries 100-byte lines in chunks of 4 KiB, as Room allows, to a
// writer that costs nothing.
func BenchmarkStream(b *testing.B) {
	d := logs.NewDestination(io.Discard, logs.Options{})
	s := d.NewStream("web")
	text := []byte(strings.Repeat(strings.Repeat("x", 99)+"\n", 1024)) // 25 chunks
	const chunk = 4 << 10
	resumed := make(chan struct{}, 1)
	resume := func() { resumed <- struct{}{} }
	b.SetBytes(chunk)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := text[i%25*chunk:][:chunk]
		for len(p) > 0 {
			n := min(s.Room(resume), len(p))
			if n == 0 {
				<-resumed
				continue
			}
			s.Write(p[:n])
			p = p[n:]
		}
	}
	s.Close()
	if stats := d.Close(time.Minute); stats.LostLines > 0 {
		b.Fatalf("lost lines: %+v", stats)
	}
}
