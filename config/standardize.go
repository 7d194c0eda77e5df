package config

import (
	"bytes"
	"strings"
)

// maxDepth is far above the five levels that a configuration has. hujson
// recurses, and a Go stack that overflows cannot be recovered from.
const maxDepth = 64

// standardize overwrites the comments and trailing commas of a text with
// blanks, so that standard JSON is left, every value at its offset. It gives
// the offset of the first bracket that nests deeper than maxDepth, or -1. What
// hujson would refuse stays refused, for jsontext to find.
func standardize(text []byte) (tooDeep int) {
	depth, comma := 0, -1
	last := byte('[') // before i, blanks and comments aside
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '/':
			if n := blankComment(text[i:]); n > 0 {
				i += n - 1
				continue
			}
		case '"':
			i += stringLength(text[i:]) - 1
		case '[', '{':
			if depth++; depth > maxDepth {
				return i
			}
		case ']', '}':
			depth--
			if comma >= 0 {
				text[comma] = ' '
			}
		}
		comma = -1
		if c == ',' && strings.IndexByte("[{,", last) < 0 {
			comma = i
		}
		last = c
	}
	return -1
}

// blankComment gives the length of the comment that the text begins with, or
// zero, and blanks it if hujson takes it.
func blankComment(text []byte) int {
	end := ""
	switch {
	case bytes.HasPrefix(text, []byte("//")):
		end = "\n"
	case bytes.HasPrefix(text, []byte("/*")):
		end = "*/"
	default:
		return 0
	}
	length := bytes.Index(text[2:], []byte(end))
	if length < 0 {
		return len(text)
	}
	comment := text[:2+length+len(end)]
	// To JavaScript, U+2028 and U+2029 end a line too; hujson allows neither here.
	if end == "*/" || !bytes.Contains(comment, []byte("\u2028")) && !bytes.Contains(comment, []byte("\u2029")) {
		copy(comment, bytes.Repeat([]byte(" "), len(comment)))
	}
	return len(comment)
}

// stringLength counts from one quote to the other, both included.
func stringLength(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
