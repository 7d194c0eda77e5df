package config

import "bytes"

// maxDepth is far above the five levels that a configuration has. hujson
// recurses, and a Go stack that overflows cannot be recovered from.
const maxDepth = 64

// tooDeep gives the offset of the first bracket that nests deeper than
// maxDepth, or -1. It reads brackets, strings and comments as hujson does up
// to the first syntax error, which is as far as hujson goes.
func tooDeep(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch rest := text[i:]; {
		case rest[0] == '[' || rest[0] == '{':
			if depth++; depth > maxDepth {
				return i
			}
		case rest[0] == ']' || rest[0] == '}':
			depth--
		case rest[0] == '"':
			i += stringLength(rest) - 1
		case bytes.HasPrefix(rest, []byte("//")):
			i += lengthUntil(rest, "\n") - 1
		case bytes.HasPrefix(rest, []byte("/*")):
			i += 2 + lengthUntil(rest[2:], "*/") - 1
		}
	}
	return -1
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

// lengthUntil counts to the end of the first occurrence of a mark.
func lengthUntil(text []byte, mark string) int {
	if i := bytes.Index(text, []byte(mark)); i >= 0 {
		return i + len(mark)
	}
	return len(text)
}
