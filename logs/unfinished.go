package logs

import (
	"bytes"
	"slices"
	"time"
	"unicode/utf8"
)

const (
	// tickPeriod and showTicks show an unfinished line between half a second and
	// a second after its first byte.
	tickPeriod = 500 * time.Millisecond
	showTicks  = 2
)

// ticker calls tick while there is an unfinished line or a spare chunk. The lock of
// the Destination guards it.
type ticker struct {
	timer   *time.Timer
	running bool
	busy    bool // chunks were queued since the last tick
}

func (d *Destination) startTicker() {
	d.ticker.busy = true
	switch {
	case d.ticker.running || d.closing:
		return
	case d.ticker.timer == nil:
		d.ticker.timer = time.AfterFunc(tickPeriod, d.tick)
	default:
		d.ticker.timer.Reset(tickPeriod)
	}
	d.ticker.running = true
}

// tick shows unfinished lines and frees the memory of a queue that is idle.
func (d *Destination) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ticker.running = false
	if !d.ticker.busy {
		d.spare = nil
	}
	d.partials = slices.DeleteFunc(d.partials, func(s *Stream) bool {
		s.tracked = len(showable(s.partial)) > 0
		return !s.tracked
	})
	for _, s := range d.partials {
		if s.ticks++; s.ticks >= showTicks || s.shown > 0 {
			s.showPartial()
		}
	}
	if len(d.partials) > 0 || len(d.spare) > 0 {
		busy := d.queued > 0
		d.startTicker()
		d.ticker.busy = busy
	}
}

// trackPartial has tick look at the unfinished line.
func (s *Stream) trackPartial() {
	if !s.tracked {
		s.tracked = true
		s.d.partials = append(s.d.partials, s)
		s.d.startTicker()
	}
}

// showPartial queues the unfinished line without a newline. A queue that is full
// shows it later.
func (s *Stream) showPartial() {
	d := s.d
	text := showable(s.partial)
	if d.full() {
		return
	}
	continues := s.shown > 0 && d.unfinished == s && s.shown+len(text) <= d.opt.LineMax
	if !continues {
		s.reportDrops()
		d.finishLine()
		d.add(s.prefix, nil, "")
		s.shown = 0
	}
	d.add("", s.onTerminal(text), "")
	d.unfinished = s
	s.shown += len(text)
	s.ticks = 0
	s.partial = append([]byte(nil), s.partial[len(text):]...)
}

// showable returns b without an incomplete character at its end, and without a
// carriage return there, which may belong to the end of the line.
func showable(b []byte) []byte {
	for back := 1; back < utf8.UTFMax && back <= len(b); back++ {
		if tail := b[len(b)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				b = b[:len(b)-back]
			}
			break
		}
	}
	return bytes.TrimSuffix(b, []byte{'\r'})
}

// onTerminal repeats the name after each carriage return, which moves the cursor
// of a terminal to the place of the name.
func (s *Stream) onTerminal(text []byte) []byte {
	if !s.d.opt.Terminal || bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	return bytes.ReplaceAll(text, []byte{'\r'}, []byte("\r"+s.prefix))
}
