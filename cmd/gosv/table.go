package main

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gosv/gosv/sys/linux"
)

// table is text in columns. Rows have a cell for each column.
type table struct {
	head  []string
	right []bool // the column holds numbers
	rows  [][]string
}

// write prints the table so that no line is longer than width; 0: any length.
// What is cut is the longest of the first and the last column, name and note.
func (t *table) write(w io.Writer, width int) error {
	all := append([][]string{t.head}, t.rows...)
	widths := make([]int, len(t.head))
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	if width > 0 {
		fit(widths, width)
	}
	var b strings.Builder
	for _, row := range all {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			cell = cut(cell, widths[i])
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < len(t.right) && t.right[i] {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fit makes the columns narrower until the line fits: the last one first, which
// is prose, and then the first one, which is a name.
func fit(widths []int, width int) {
	total := 2 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for _, c := range []struct{ column, least int }{{len(widths) - 1, 12}, {0, 8}, {len(widths) - 1, 0}} {
		over := min(total-width, widths[c.column]-c.least)
		if over > 0 {
			widths[c.column] -= over
			total -= over
		}
	}
}

// cut shortens a text to n characters, the last of which shows it.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	if n == 0 {
		return ""
	}
	return string([]rune(text)[:n-1]) + "…"
}

// outputWidth is how many columns stdout has; 0: it is not a terminal.
func outputWidth() int {
	columns, _ := linux.TerminalSize(1)
	return columns
}

// escape shows what would steer a terminal: services choose what they print.
func escape(text string) string {
	clean := func(r rune) bool { return r == '\t' || unicode.IsPrint(r) && r != utf8.RuneError }
	if !strings.ContainsFunc(text, func(r rune) bool { return !clean(r) }) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case clean(r):
			b.WriteRune(r)
		case r == utf8.RuneError:
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i])|0x100, 16)[1:])
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}
