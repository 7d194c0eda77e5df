package tracesys

import (
	"strconv"
	"syscall"
	"time"
)

// loop is the value of call.By for calls outside a job.
const loop = "loop"

// call is one line of a trace.
type call struct {
	At     time.Duration // when it began; whole microseconds
	Took   time.Duration
	By     string // loop, or the name of a job
	Op     string
	Args   []string
	Result []string      // without an error
	Err    syscall.Errno // 0: it worked
}

// String gives the line as it stands in a trace.
func (c call) String() string { return string(c.append(nil)) }

func (c call) append(b []byte) []byte {
	us := c.At.Microseconds()
	b = strconv.AppendInt(b, us/1e6, 10)
	b = append(b, '.')
	for digit := int64(1e5); digit > 0; digit /= 10 {
		b = append(b, byte('0'+us/digit%10))
	}
	b = append(b, ' ')
	b = strconv.AppendInt(b, c.Took.Microseconds(), 10)
	b = append(b, ' ')
	b = append(b, c.By...)
	b = append(b, ' ')
	b = append(b, c.Op...)
	if len(c.Args) > 0 {
		b = appendWords(append(b, ' '), c.Args)
	}
	switch {
	case c.Err != 0:
		b = append(append(b, " ! "...), errnoName(c.Err)...)
	case len(c.Result) > 0:
		b = appendWords(append(b, " = "...), c.Result)
	}
	return b
}

func appendWords(b []byte, words []string) []byte {
	for i, word := range words {
		if i > 0 {
			b = append(b, ' ')
		}
		if plain(word) {
			b = append(b, word...)
		} else {
			b = strconv.AppendQuoteToASCII(b, word)
		}
	}
	return b
}

// plain reports whether a word can stand without quotes.
func plain(word string) bool {
	for i := range len(word) {
		if c := word[i]; c <= ' ' || c == '"' || c >= 0x7f {
			return false
		}
	}
	return word != "" && word != "=" && word != "!"
}
