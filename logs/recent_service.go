package logs

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"
)

// recentService is the last lines of one service, in chunks: a chunk is dropped as
// a whole, and a line costs no allocation of its own.
type recentService struct {
	name string
	size atomic.Int64 // bytes of all chunks

	mu     sync.Mutex
	chunks []recentChunk // oldest first
	gone   []goneChunk   // what was dropped last
}

// recentChunk holds records: a header and the text of a line.
type recentChunk struct {
	data  []byte
	first uint64 // number of its first line
	last  uint64
	lines uint64
}

// goneChunk is what is known about a chunk that was dropped.
type goneChunk struct{ last, lines uint64 }

const (
	recentChunkMax = 32 << 10
	goneMax        = 64
	headerSize     = 8 + 8 + 4 // seq, nanoseconds, length
)

// add keeps one line and returns by how much the kept bytes grew.
func (s *recentService) add(r *Recent, now time.Time, text []byte) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.size.Load()
	n := headerSize + len(text)
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last].data)+n > recentChunkMax && len(s.chunks[last].data) > 0 {
		s.chunks = append(s.chunks, recentChunk{})
		last++
	}
	c := &s.chunks[last]
	seq := r.seq.Add(1)
	if c.lines == 0 {
		c.first = seq
	}
	c.last, c.lines = seq, c.lines+1
	c.data = binary.LittleEndian.AppendUint64(c.data, seq)
	c.data = binary.LittleEndian.AppendUint64(c.data, uint64(now.UnixNano()))
	c.data = binary.LittleEndian.AppendUint32(c.data, uint32(len(text)))
	c.data = append(c.data, text...)
	s.size.Add(int64(n))
	for s.size.Load() > r.perService && len(s.chunks) > 1 {
		s.drop()
	}
	return s.size.Load() - before
}

// drop forgets the oldest chunk. The mutex is held.
func (s *recentService) drop() {
	c := s.chunks[0]
	s.size.Add(-int64(len(c.data)))
	s.chunks[0] = recentChunk{}
	s.chunks = s.chunks[1:]
	s.gone = append(s.gone, goneChunk{c.last, c.lines})
	if len(s.gone) > goneMax {
		s.gone[1].lines += s.gone[0].lines // a reader that far behind hears one sum
		s.gone = s.gone[1:]
	}
}

// dropOldest forgets the oldest chunk, even if it is the only one, and returns how
// many bytes it had.
func (s *recentService) dropOldest() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.chunks) == 0 {
		return 0
	}
	before := s.size.Load()
	s.drop()
	return before - s.size.Load()
}

// tail returns at most n last lines of those numbered up to most.
func (s *recentService) tail(n int, most uint64) []RecentLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, have := len(s.chunks), uint64(0)
	for first > 0 && have < uint64(n) {
		first--
		have += s.chunks[first].lines
	}
	var lines []RecentLine
	for _, c := range s.chunks[first:] {
		lines = c.read(s.name, 0, most, lines)
	}
	return lines[max(0, len(lines)-n):]
}

// after returns the lines numbered after seq up to most. The first one says how
// many between are not kept any more.
func (s *recentService) after(seq, most uint64) []RecentLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []RecentLine
	for _, c := range s.chunks {
		if c.last > seq {
			lines = c.read(s.name, seq, most, lines)
		}
	}
	if len(lines) > 0 {
		for _, g := range s.gone {
			if g.last > seq {
				lines[0].Dropped += g.lines
			}
		}
	}
	return lines
}

// read appends the lines of the chunk that are numbered after seq up to most.
func (c recentChunk) read(service string, seq, most uint64, lines []RecentLine) []RecentLine {
	for data := c.data; len(data) > 0; {
		number := binary.LittleEndian.Uint64(data)
		end := headerSize + int(binary.LittleEndian.Uint32(data[16:]))
		if number > seq && number <= most {
			lines = append(lines, RecentLine{
				Seq: number, Time: time.Unix(0, int64(binary.LittleEndian.Uint64(data[8:]))), Service: service,
				Text: string(data[headerSize:end]),
			})
		}
		data = data[end:]
	}
	return lines
}
