package logs

import (
	"bytes"
	"unicode/utf8"
)

// nextPiece returns the first line of b, without its "\n" or "\r\n", or a piece of
// it if the line is longer than lineMax, and how many bytes of b it takes. used is
// 0 if more bytes are needed to decide; lineMax+2 bytes are always enough. The
// result does not depend on how the stream was divided into chunks.
func nextPiece(b []byte, lineMax int) (text []byte, used int) {
	head := b[:min(len(b), lineMax+2)]
	end := bytes.IndexByte(head, '\n')
	if end < 0 && len(head) < lineMax+2 {
		return nil, 0
	}
	if end >= 0 {
		if text = bytes.TrimSuffix(head[:end], []byte{'\r'}); len(text) <= lineMax {
			return text, end + 1
		}
	}
	n := cut(head, lineMax)
	return head[:n], n
}

// lastPiece is nextPiece for the end of the stream. b contains no newline.
func lastPiece(b []byte, lineMax int) (text []byte, used int) {
	n := len(b)
	if n > lineMax {
		n = cut(b, lineMax)
	}
	return b[:n], n
}

// cut returns where to split a line longer than lineMax: there, or up to three
// bytes earlier, to keep a character of UTF-8 whole.
func cut(b []byte, lineMax int) int {
	for n := lineMax; n > 0 && n > lineMax-utf8.UTFMax; n-- {
		if utf8.RuneStart(b[n]) {
			return n
		}
	}
	return lineMax
}
