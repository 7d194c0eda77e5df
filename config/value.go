package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// integer reads plain digits with an optional minus. Every value that it
// accepts is stored multiplied by the unit.
func integer[T any, N int | int64](low, high int64, unit N, field func(*T) *N) func(*loader, value, *T) {
	wanted := fmt.Sprintf("an integer from %d to %d", low, high)
	return func(l *loader, v value, into *T) {
		n, err := strconv.ParseInt(v.literal(), 10, 64)
		if err == nil && low <= n && n <= high {
			*field(into) = N(n) * unit
			return
		}
		l.mustBe(v, wanted, integerHint)
	}
}

// integerHint shows how a number should have been written: 5 for "5", 1000 for 1e3.
func integerHint(v value) string {
	if v.kind() == jsontext.KindString {
		if n, err := strconv.ParseInt(v.written(), 10, 64); err == nil {
			return fmt.Sprintf("; write %d without quotes", n)
		}
		return ""
	}
	x, err := strconv.ParseFloat(v.literal(), 64)
	plain := strings.Trim(v.literal(), "-0123456789") == ""
	if err == nil && !plain && x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return fmt.Sprintf("; write %d", int64(x))
	}
	return ""
}

// optionalInteger is integer for a field that is nil without a value.
func optionalInteger[T any](low, high int64, field func(*T) **int) func(*loader, value, *T) {
	return func(l *loader, v value, into *T) {
		var n int
		errs := l.errors
		integer(low, high, 1, func(*T) *int { return &n })(l, v, into)
		if l.errors == errs {
			*field(into) = &n
		}
	}
}

// boolean reads true or false.
func boolean[T any](field func(*T) *bool) func(*loader, value, *T) {
	return func(l *loader, v value, into *T) {
		if v.kind() != jsontext.KindTrue && v.kind() != jsontext.KindFalse {
			l.mustBe(v, "true or false", nil)
		}
		*field(into) = v.kind() == jsontext.KindTrue
	}
}

// number reads any JSON number from low to high.
func number[T any](low, high float64, field func(*T) *float64) func(*loader, value, *T) {
	wanted := fmt.Sprintf("a number from %v to %v", low, high)
	return func(l *loader, v value, into *T) {
		if v.kind() == jsontext.KindNumber {
			if x, err := strconv.ParseFloat(v.literal(), 64); err == nil && low <= x && x <= high {
				*field(into) = x
				return
			}
		}
		l.mustBe(v, wanted, nil)
	}
}

// duration reads a string of Go's time.ParseDuration, without a sign.
func duration[T any](low, high time.Duration, field func(*T) *time.Duration) func(*loader, value, *T) {
	wanted := fmt.Sprintf(`a duration from %q to %q, such as "500ms", "10s" or "1m30s"`, short(low), short(high))
	return func(l *loader, v value, into *T) {
		s, ok := l.str(v, wanted, durationHint)
		if !ok {
			return
		}
		d, err := time.ParseDuration(s)
		if err != nil || strings.ContainsAny(s, "+-") || d < low || d > high {
			l.mustBe(v, wanted, durationHint)
			return
		}
		*field(into) = d
	}
}

// durationHint supplies the unit to a number that has none.
func durationHint(v value) string {
	if n, err := strconv.ParseUint(v.written(), 10, 32); err == nil {
		return fmt.Sprintf(`; write "%ds" for seconds`, n)
	}
	return ""
}

// short writes 8760h0m0s as 8760h.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// size reads a whole number of KiB or MiB (1024 and 1048576 bytes).
func size[T any](low, high int, field func(*T) *int) func(*loader, value, *T) {
	wanted := fmt.Sprintf(`a size from %q to %q, such as "64KiB"`, formatSize(low), formatSize(high))
	return func(l *loader, v value, into *T) {
		s, ok := l.str(v, wanted, bytesHint)
		if !ok {
			return
		}
		bytes, ok := parseSize(s)
		if !ok || bytes < low || bytes > high {
			l.mustBe(v, wanted, sizeHint)
			return
		}
		*field(into) = bytes
	}
}

// parseSize takes up to seven digits and a unit.
func parseSize(s string) (bytes int, ok bool) {
	unit := 1 << 10
	digits, ok := strings.CutSuffix(s, "KiB")
	if !ok {
		unit = 1 << 20
		digits, ok = strings.CutSuffix(s, "MiB")
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return int(n) * unit, ok && err == nil && len(digits) <= 7
}

func formatSize(bytes int) string {
	if bytes%(1<<20) == 0 {
		return fmt.Sprintf("%dMiB", bytes>>20)
	}
	return fmt.Sprintf("%dKiB", bytes>>10)
}

// bytesHint writes a number of bytes as a size, if it is a whole number of KiB.
func bytesHint(v value) string {
	n, err := strconv.ParseUint(v.literal(), 10, 40)
	if err != nil || n == 0 || n%1024 != 0 {
		return ""
	}
	return fmt.Sprintf("; write %q", formatSize(int(n)))
}

// sizeHint knows the other ways to write a unit: 64K, 64kb, 64 KiB.
func sizeHint(v value) string {
	s := v.written()
	digits := strings.TrimRight(s, " KMIBkmib")
	unit := strings.ToLower(strings.TrimSpace(s[len(digits):]))
	full := map[string]string{"k": "KiB", "kb": "KiB", "kib": "KiB", "m": "MiB", "mb": "MiB", "mib": "MiB"}[unit]
	if _, ok := parseSize(digits + full); !ok || digits+full == s {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", digits+full)
}

// oneOf reads one of a few words.
func oneOf[T any, W ~string](words []W, field func(*T) *W) func(*loader, value, *T) {
	var names []string
	for _, w := range words {
		names = append(names, string(w))
	}
	wanted := alternatives(names)
	return func(l *loader, v value, into *T) {
		s, ok := l.str(v, wanted, boolHint(names))
		if !ok {
			return
		}
		for _, w := range words {
			if string(w) == s {
				*field(into) = w
				return
			}
		}
		l.mustBe(v, wanted, func(v value) string { return didYouMean(v.written(), names) })
	}
}

// boolHint names the word that true or false stands for: restart is always or never.
func boolHint(words []string) func(value) string {
	meant := map[jsontext.Kind][]string{jsontext.KindTrue: {"always", "require"}, jsontext.KindFalse: {"never", "off"}}
	return func(v value) string {
		for _, word := range meant[v.kind()] {
			if slices.Contains(words, word) {
				return fmt.Sprintf("; write %q", word)
			}
		}
		return ""
	}
}

// alternatives lists words: "a", "b" or "c".
func alternatives(words []string) string {
	var list strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			list.WriteString(" or ")
		default:
			list.WriteString(", ")
		}
		fmt.Fprintf(&list, "%q", w)
	}
	return list.String()
}

// kernelString reads a string that is handed to the kernel: without NUL, and
// with low to high bytes.
func (l *loader) kernelString(v value, low, high int) (string, bool) {
	s, ok := l.str(v, "a string", scalarHint)
	if !ok {
		return "", false
	}
	switch at := strings.IndexByte(s, 0); {
	case len(s) < low:
		l.errorf(v.offset(), "%s must not be empty", v.title())
	case len(s) > high:
		l.errorf(v.offset(), "%s has %d bytes; the kernel takes at most %d", v.title(), len(s), high)
	case at >= 0:
		l.errorf(v.offset(), "%s has a NUL byte after %s, which the kernel cannot pass on", v.title(), quote(s[:at]))
	default:
		return s, true
	}
	return "", false
}

// scalarHint shows a number or truth value as the string that was meant.
func scalarHint(v value) string {
	switch v.kind() {
	case jsontext.KindNumber, jsontext.KindTrue, jsontext.KindFalse:
		return fmt.Sprintf(`; write "%s"`, shorten(v.literal()))
	}
	return ""
}

// line reads a kernelString into a field.
func line[T any](low, high int, field func(*T) *string) func(*loader, value, *T) {
	return func(l *loader, v value, into *T) {
		if s, ok := l.kernelString(v, low, high); ok {
			*field(into) = s
		}
	}
}
