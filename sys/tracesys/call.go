package tracesys

import (
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Loop is the value of Call.By for calls outside a job.
const Loop = "loop"

// Call is one line of a trace.
type Call struct {
	Line   int           // in the file, from 1
	At     time.Duration // when it began; whole microseconds
	Took   time.Duration
	By     string // Loop, or the name of a job
	Op     string
	Args   []string
	Result []string      // without an error
	Err    syscall.Errno // 0: it worked
}

// End is when the call had returned.
func (c Call) End() time.Duration { return c.At + c.Took }

// Job tells whether a job made the call.
func (c Call) Job() bool { return c.By != Loop }

// Arg gives the argument at i, "" if there is none.
func (c Call) Arg(i int) string {
	if i >= len(c.Args) {
		return ""
	}
	return c.Args[i]
}

// Answer is the part of the line after the arguments: "= exit 3" or "! ESRCH".
func (c Call) Answer() string {
	if c.Err != 0 {
		return "! " + ErrnoName(c.Err)
	}
	return strings.TrimSpace("= " + string(appendWords(nil, c.Result)))
}

// String gives the line as it stands in a trace.
func (c Call) String() string { return string(c.append(nil)) }

func (c Call) append(b []byte) []byte {
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
		b = append(append(b, " ! "...), ErrnoName(c.Err)...)
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

// plain tells whether a word can stand without quotes.
func plain(word string) bool {
	for i := range len(word) {
		if c := word[i]; c <= ' ' || c == '"' || c >= 0x7f {
			return false
		}
	}
	return word != "" && word != "=" && word != "!"
}
