package config

import (
	"bytes"
	"fmt"
	"slices"
)

// MaxText is the largest file that Load reads, in bytes: room for tens of
// thousands of services.
const MaxText = 8 << 20

// Load reads a configuration. Each diagnostic begins with the name; no file of that
// name is opened.
//
// The text is JSON (RFC 8259) in UTF-8 with comments (// and /* */) and
// trailing commas. Everything else is strict: unknown, duplicate and
// wrong-case keys, null, wrong types, values out of range and combinations
// that contradict each other are errors. Integers are plain digits: 1.5, 1.0,
// 1e3 and "5" are refused. Whatever would make a start fail for certain, such
// as a NUL byte in an argument, is an error here.
//
// The diagnostics come in the order of their places. Mistakes in keys and
// values are all reported; a mistake in the syntax hides those in the rest. If
// one of them is an Error, the File is empty; Warnings leave it usable.
//
// Load does not check whether commands and directories exist: that may change until
// they are used.
func Load(name string, text []byte) (File, []Diagnostic) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors begin a file with a byte order mark
	l := &loader{text: text, keys: newTables()}
	file := File{Cgroup: CgroupAuto, LineMax: DefaultLineMax}
	if root, ok := l.parse(); ok {
		l.file(root, &file)
	}
	found := locate(name, text, l.mistakes)
	if Failed(found) {
		return File{}, found
	}
	return file, found
}

// loader collects the mistakes of one text.
type loader struct {
	text     []byte
	keys     tables
	breaks   []int // offsets of the newlines and of the end, once line was called
	mistakes []mistake
	errors   int // of the mistakes; the others are warnings

	instanceCount int      // of the service that is being read; 0: it is one service
	commandWords  []string // of the service that is being read, if its command is an array
}

// line counts from 1.
func (l *loader) line(offset int) int {
	if l.breaks == nil {
		for i, c := range l.text {
			if c == '\n' {
				l.breaks = append(l.breaks, i)
			}
		}
		l.breaks = append(l.breaks, len(l.text))
	}
	passed, _ := slices.BinarySearch(l.breaks, offset)
	return passed + 1
}

func (l *loader) errorf(offset int, format string, args ...any) {
	l.errors++
	l.mistakes = append(l.mistakes, mistake{offset, Error, fmt.Sprintf(format, args...)})
}

func (l *loader) warnf(offset int, format string, args ...any) {
	l.mistakes = append(l.mistakes, mistake{offset, Warning, fmt.Sprintf(format, args...)})
}
