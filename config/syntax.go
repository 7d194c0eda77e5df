package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tailscale/hujson"
)

// parse turns the text into a tree, or reports the one place where it stops
// being JSON.
func (l *loader) parse() (root node, ok bool) {
	text := l.text
	if len(text) > MaxText {
		l.errorf(0, "the file has %d bytes; a configuration has at most %d (8 MiB)", len(text), MaxText)
		return node{}, false
	}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		l.errorf(0, "the file begins with a byte order mark; save it as UTF-8 without one")
		return node{}, false
	}
	if at := invalidUTF8(text); at >= 0 {
		l.errorf(at, "byte 0x%02x is not UTF-8; save the file as UTF-8", text[at])
		return node{}, false
	}
	// hujson wants every // comment ended by a newline; editors do not.
	standard := slices.Concat(text, []byte("\n"))
	if at := standardize(standard); at >= 0 {
		l.errorf(at, "more than %d brackets are open here; a configuration needs five", maxDepth)
		return node{}, false
	}
	t, err := parseTree(standard)
	if err == nil {
		return node{t, 0}, true
	}
	// hujson costs more than all the rest, but knows better what is wrong.
	if _, better := hujson.Parse(slices.Concat(text, []byte("\n"))); better != nil {
		err = better
	}
	offset, message := explainSyntax(text, err)
	l.errorf(offset, "%s", message)
	return node{}, false
}

// invalidUTF8 gives the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// explainSyntax turns an error of hujson, which has its place only in its
// text, into an offset and a sentence.
func explainSyntax(text []byte, err error) (int, string) {
	var line, column int
	if _, scanErr := fmt.Sscanf(err.Error(), "hujson: line %d, column %d", &line, &column); scanErr != nil {
		return 0, err.Error()
	}
	offset := min(offsetOf(text, line, column), len(text))
	cause := errors.Unwrap(err)
	if errors.Is(cause, io.ErrUnexpectedEOF) {
		if len(bytes.TrimSpace(text)) == 0 {
			return 0, `the file is empty; the least that it can say is {"services": [{"name": "web", "command": "./web"}]}`
		}
		doing, _, _ := strings.Cut(cause.Error(), ":")
		return len(text), fmt.Sprintf("the text ends while %s; is the file complete, and is every quote and bracket closed?", doing)
	}
	message := cause.Error()
	if strings.HasPrefix(message, "invalid literal") {
		offset, message = explainLiteral(text, offset, message)
	}
	return offset, message + syntaxHint(text[offset:], message)
}

// offsetOf is the inverse of hujson's line and column, which counts bytes.
func offsetOf(text []byte, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		offset += bytes.IndexByte(text[offset:], '\n') + 1
	}
	return offset + column - 1
}

// explainLiteral asks jsontext what is wrong inside a literal and where:
// hujson only knows that something is.
func explainLiteral(text []byte, offset int, message string) (int, string) {
	_, err := jsontext.NewDecoder(bytes.NewReader(text[offset:])).ReadToken()
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) && syntactic.Err != nil && offset+int(syntactic.ByteOffset) < len(text) {
		return offset + int(syntactic.ByteOffset), syntactic.Err.Error()
	}
	return offset, shorten(message)
}

// syntaxHint names the usual cause of what stands at the mistake.
func syntaxHint(rest []byte, message string) string {
	switch {
	case strings.Contains(message, "(expecting ','"):
		return "; is a comma missing before it?"
	case strings.Contains(message, "after object name"):
		return "; a colon stands between a key and its value"
	case strings.Contains(message, "in string"):
		return `; inside a string write a line break as \n, a tab as \t and a backslash as \\`
	case bytes.HasPrefix(rest, []byte("'")):
		return "; strings are written in double quotes"
	case bytes.HasPrefix(rest, []byte(",")):
		return "; is there a comma too many?"
	case len(rest) > 0 && bytes.IndexByte([]byte("+-.0123456789"), rest[0]) >= 0 && !strings.Contains(message, "name"):
		return "; numbers are decimal, without a leading zero, plus or point"
	case len(rest) > 0 && (rest[0]|0x20 >= 'a' && rest[0]|0x20 <= 'z'):
		return "; keys and strings are written in double quotes, true, false and null in lower case"
	}
	return ""
}
