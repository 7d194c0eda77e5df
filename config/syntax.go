package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tailscale/hujson"
)

// parse turns the text into a tree, or reports the one place where it stops
// being JSON.
func (l *loader) parse() (root node, ok bool) {
	text := l.text
	if len(text) > MaxText {
		l.errorf(0, "the file has more than %d bytes (8 MiB), which is the largest configuration", MaxText)
		return node{}, false
	}
	if looksLikeUTF16(text) {
		l.errorf(0, "the file is UTF-16; save it as UTF-8")
		return node{}, false
	}
	if at := invalidUTF8(text); at >= 0 {
		l.errorf(at, "byte 0x%02x is not UTF-8; save the file as UTF-8", text[at])
		return node{}, false
	}
	if at := tooDeep(text); at >= 0 {
		l.errorf(at, "more than %d brackets are open here; a configuration needs five", maxDepth)
		return node{}, false
	}
	// hujson wants every // comment ended by a newline; editors do not.
	value, err := hujson.Parse(slices.Concat(text, []byte("\n")))
	if err == nil {
		return node{&value}, true
	}
	offset, message := explainSyntax(text, err)
	l.errorf(offset, "%s", message)
	return node{}, false
}

// looksLikeUTF16 knows the byte order marks of UTF-16, and ASCII in two bytes.
func looksLikeUTF16(text []byte) bool {
	switch {
	case len(text) < 2:
		return false
	case text[0] == 0xff && text[1] == 0xfe, text[0] == 0xfe && text[1] == 0xff:
		return true
	}
	wide := func(a, b byte) bool { return a == 0 && b != 0 }
	return len(text) >= 4 && (wide(text[0], text[1]) && wide(text[2], text[3]) || wide(text[1], text[0]) && wide(text[3], text[2]))
}

// maxDepth is far above the five levels that a configuration has. hujson recurses,
// and Go ends a program whose stack overflows.
const maxDepth = 64

// tooDeep returns the offset of the first bracket that nests deeper than maxDepth, or
// -1. Brackets in strings and comments do not count.
func tooDeep(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '[', '{':
			if depth++; depth > maxDepth {
				return i
			}
		case ']', '}':
			depth--
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '/':
			i += max(commentLength(text[i:])-1, 0)
		}
	}
	return -1
}

// commentLength is the length of the comment that the text begins with, or zero.
func commentLength(text []byte) int {
	for begin, end := range map[string]string{"//": "\n", "/*": "*/"} {
		if !bytes.HasPrefix(text, []byte(begin)) {
			continue
		}
		if length := bytes.Index(text[2:], []byte(end)); length >= 0 {
			return 2 + length + len(end)
		}
		return len(text)
	}
	return 0
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
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
	first, _ := utf8.DecodeRune(rest)
	switch {
	case first == '#':
		return "; comments begin with //"
	case strings.ContainsRune("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb", first):
		return fmt.Sprintf("; %c is a typographic quote: strings are written in the straight double quotes of the keyboard", first)
	case first > unicode.MaxASCII && unicode.IsSpace(first), first == '\u200b', first == '\ufeff':
		return fmt.Sprintf("; %U is a special space: write a plain one", first)
	case strings.Contains(message, "(expecting ','"):
		return "; is a comma missing before it?"
	case strings.Contains(message, "after object name"):
		return "; a colon stands between a key and its value"
	case strings.Contains(message, "in string"):
		return `; inside a string write a line break as \n, a tab as \t and a backslash as \\`
	case first == '\'':
		return "; strings are written in double quotes"
	case first == ',':
		return "; is there a comma too many?"
	case yamlLine.Match(rest):
		return "; this looks like YAML or TOML, and a configuration is JSON"
	case strings.ContainsRune("+-.0123456789", first) && !strings.Contains(message, "name"):
		return "; numbers are decimal, without a leading zero, plus or point"
	case 'a' <= first|0x20 && first|0x20 <= 'z':
		return "; keys and strings are written in double quotes, true, false and null in lower case"
	}
	return ""
}

// yamlLine is a line such as "services:", "- name: web", "---" or "[services]".
var yamlLine = regexp.MustCompile(`^(---|- \w+:|\w+:\s*\n|\w+\s*= )`)
