package logs

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"
)

// Line is one finished line of a service's output.
type Line struct {
	Seq        uint64 // position after its newline: larger for every later line of any service
	Time       time.Time
	Service    string
	Generation uint64 // which start of the service wrote it, from 1
	Text       string // without "\n" or "\r\n"
	Dropped    uint64 // lines of the service that are missing before it
}

// followMax bounds what Follow returns at once, in lines.
const followMax = 4096

// Tail returns at most n last lines of the services, oldest first, and the cursor after
// which Follow continues without a gap.
func (h *History) Tail(services []string, n int) (lines []Line, next uint64) {
	views, next := h.views(services, 0)
	for _, v := range views {
		found := v.skipTo(n).lines(0)
		lines = append(lines, found[max(0, len(found)-n):]...)
	}
	sortLines(lines)
	return lines[max(0, len(lines)-n):], next
}

// Follow waits for lines of the services with a Seq after the cursor, and returns them
// with the cursor to continue from. Lines that were removed before they could be read
// are counted in Line.Dropped of the next line.
func (h *History) Follow(ctx context.Context, services []string, cursor uint64) (lines []Line, next uint64, err error) {
	for {
		changed := h.change()
		views, end := h.views(services, cursor)
		for _, v := range views {
			found := v.lines(cursor)
			if len(found) > 0 {
				found[0].Dropped = v.removed
			}
			lines = append(lines, found...)
		}
		if sortLines(lines); len(lines) > followMax {
			lines = lines[:followMax]
			end = lines[followMax-1].Seq
		}
		if len(lines) > 0 {
			return lines, end, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, cursor, ctx.Err()
		}
	}
}

func sortLines(lines []Line) {
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Seq, b.Seq) })
}

// change returns a channel that is closed when something is recorded.
func (h *History) change() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changed == nil {
		h.changed = make(chan struct{})
	}
	return h.changed
}

// view is what a reader sees of a ring, without the lock.
type view struct {
	service  string
	removed  uint64 // lines after the cursor that the ring no longer holds
	segments []segment
}

// views returns what is recorded of the services, and the position of the next byte.
func (h *History) views(services []string, cursor uint64) (all []view, next uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range services {
		r := h.services[name]
		if r == nil {
			continue
		}
		v := view{service: name, removed: r.removedAfter(cursor)}
		for _, s := range r.segments {
			s.read = true
			v.segments = append(v.segments, *s)
		}
		all = append(all, v)
	}
	return all, h.position
}

// skipTo leaves out segments that are not needed for the last n lines.
func (v view) skipTo(n int) view {
	found := 0
	for i := len(v.segments) - 1; i > 0; i-- {
		if found += bytes.Count(v.segments[i].data, newline); found > n {
			v.segments = v.segments[i:]
			v.segments[0].midLine = true // this first line is not needed
			break
		}
	}
	return v
}

// lines returns the finished lines with a Seq after the cursor. A line whose beginning
// was removed is left out; it counts as removed.
func (v view) lines(cursor uint64) []Line {
	p := lineParser{service: v.service, cursor: cursor}
	for i, s := range v.segments {
		if i == 0 {
			p.skip = s.midLine
		}
		for j, m := range s.marks {
			end := len(s.data)
			if j+1 < len(s.marks) {
				end = s.marks[j+1].offset
			}
			p.parse(m, s.data[m.offset:end])
		}
	}
	return p.found
}

// lineParser joins the parts of lines.
type lineParser struct {
	service string
	cursor  uint64
	skip    bool   // the beginning of this line was removed
	begun   []byte // the line so far
	found   []Line
}

func (p *lineParser) parse(m mark, data []byte) {
	position := m.position
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			p.begun = append(p.begun, data...)
			return
		}
		text := data[:end]
		data = data[end+1:]
		position += uint64(end) + 1
		if len(p.begun) > 0 {
			p.begun = append(p.begun, text...)
			text = p.begun
		}
		if position > p.cursor && !p.skip {
			p.found = append(p.found, Line{
				Seq: position, Time: time.Unix(0, m.time), Service: p.service, Generation: m.generation,
				Text: string(bytes.TrimSuffix(text, []byte{'\r'})),
			})
		}
		p.begun, p.skip = p.begun[:0], false
	}
}
