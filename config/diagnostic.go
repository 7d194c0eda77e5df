package config

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Severity says whether a Diagnostic makes the file unusable.
type Severity string

const (
	Error   Severity = "error"   // nothing is started from this file
	Warning Severity = "warning" // legal, but probably not what was meant
)

// Diagnostic is one mistake and its place. It is an error, printed as
//
//	services.json:3:17: unknown key "max_restart" in service "a"; did you mean "max_restarts"?
//
// with "warning: " before the message of a Warning.
type Diagnostic struct {
	File     string
	Line     int // from 1
	Column   int // characters (not bytes), from 1
	Severity Severity
	Message  string
}

// Error returns the whole line, in the form that compilers use and editors can jump to.
func (d Diagnostic) Error() string {
	label := ""
	if d.Severity == Warning {
		label = "warning: "
	}
	return fmt.Sprintf("%s:%d:%d: %s%s", d.File, d.Line, d.Column, label, d.Message)
}

// String is Error.
func (d Diagnostic) String() string { return d.Error() }

// Failed reports whether any of the diagnostics is an Error.
func Failed(diagnostics []Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d Diagnostic) bool { return d.Severity == Error })
}

// Printable escapes what would not show itself: control characters that steer a
// terminal or break a line, and bytes that are not UTF-8. Text of a file that somebody
// else has written may contain them.
func Printable(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return text
	}
	var shown strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			shown.WriteString(text[i : i+size])
		} else {
			quoted := strconv.Quote(text[i : i+size])
			shown.WriteString(quoted[1 : len(quoted)-1])
		}
		i += size
	}
	return shown.String()
}

// mistake is a Diagnostic whose place is still a byte offset.
type mistake struct {
	offset   int
	severity Severity
	message  string
}

// locate sorts mistakes by their place and counts lines and columns in one
// pass, so that thousands of mistakes in one long line stay cheap.
func locate(file string, text []byte, mistakes []mistake) []Diagnostic {
	slices.SortStableFunc(mistakes, func(a, b mistake) int { return cmp.Compare(a.offset, b.offset) })
	var found []Diagnostic
	at, line, column := 0, 1, 1
	for _, m := range mistakes {
		passed := text[at:m.offset]
		if n := bytes.Count(passed, []byte("\n")); n > 0 {
			line += n
			column = 1
			passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
		}
		column += utf8.RuneCount(passed)
		at = m.offset
		found = append(found, Diagnostic{file, line, column, m.severity, Printable(m.message)})
	}
	return found
}
