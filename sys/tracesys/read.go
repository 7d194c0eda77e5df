package tracesys

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Trace is a run as it was recorded.
type Trace struct {
	Self  string // the name of the process that recorded
	Calls []Call // in the order in which they returned
}

// Version is that of the format which this package writes and reads.
const Version = 1

const heading = "gosv trace"

// maxLine bounds one line; the first list of all processes is the longest.
const maxLine = 4 << 20

// Read reads what a Kernel has written. A last line without its newline is left
// out: whoever recorded was killed while writing it.
func Read(r io.Reader) (Trace, error) {
	in := bufio.NewReader(r)
	text, err := line(in)
	if err != nil {
		return Trace{}, fmt.Errorf("this is no trace of gosv: it has no first line")
	}
	var version int
	var trace Trace
	if n, _ := fmt.Sscanf(text, heading+" %d self %s", &version, &trace.Self); n != 2 {
		return Trace{}, fmt.Errorf("this is no trace of gosv: it begins with %.40q", text)
	}
	if version != Version {
		return Trace{}, fmt.Errorf("the trace has version %d; this gosv reads version %d", version, Version)
	}
	for number := 2; ; number++ {
		text, err := line(in)
		if errors.Is(err, io.EOF) {
			return trace, nil
		}
		if err == nil && strings.HasPrefix(text, "#") {
			continue
		}
		var c Call
		if err == nil {
			c, err = parseCall(text)
		}
		if err != nil {
			return Trace{}, fmt.Errorf("line %d of the trace: %w", number, err)
		}
		c.Line = number
		trace.Calls = append(trace.Calls, c)
	}
}

// line gives the next whole line.
func line(in *bufio.Reader) (string, error) {
	var whole []byte
	for {
		part, err := in.ReadSlice('\n')
		whole = append(whole, part...)
		switch {
		case err == nil:
			return string(whole[:len(whole)-1]), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		case len(whole) > maxLine:
			return "", errors.New("it is longer than any call")
		}
	}
}

func parseCall(text string) (Call, error) {
	words, quoted, err := split(text)
	if err != nil {
		return Call{}, err
	}
	if len(words) < 4 {
		return Call{}, errors.New("it has fewer than four words: when, how long, who, what")
	}
	if !plain(words[2]) || !plain(words[3]) {
		return Call{}, fmt.Errorf("%q and %q are no caller and operation", words[2], words[3])
	}
	at, err1 := time.ParseDuration(words[0] + "s")
	took, err2 := strconv.ParseUint(words[1], 10, 40)
	if err1 != nil || err2 != nil || at < 0 {
		return Call{}, fmt.Errorf("%q and %q are no time and duration", words[0], words[1])
	}
	c := Call{At: at, Took: time.Duration(took) * time.Microsecond, By: words[2], Op: words[3]}
	rest, quoted := words[4:], quoted[4:]
	end := 0
	for end < len(rest) && (quoted[end] || rest[end] != "=" && rest[end] != "!") {
		end++
	}
	c.Args = rest[:end:end]
	switch {
	case end == len(rest):
	case rest[end] == "=":
		c.Result = rest[end+1:]
	default:
		errno, ok := parseErrno(strings.Join(rest[end+1:], " "))
		if !ok {
			return Call{}, fmt.Errorf("%q is no name of an error", strings.Join(rest[end+1:], " "))
		}
		c.Err = errno
	}
	return c, nil
}

// split takes a line apart and says which words stood in quotes.
func split(text string) (words []string, quoted []bool, err error) {
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		if text[0] != '"' {
			word, rest, _ := strings.Cut(text, " ")
			words, quoted, text = append(words, word), append(quoted, false), rest
			continue
		}
		q, err := strconv.QuotedPrefix(text)
		if err != nil {
			return nil, nil, errors.New("a quote is not closed")
		}
		word, _ := strconv.Unquote(q)
		words, quoted, text = append(words, word), append(quoted, true), text[len(q):]
	}
	return words, quoted, nil
}
