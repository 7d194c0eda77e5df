package logs

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// textHandler writes records for people: time of day, level if it is not Info,
// message, and attributes as key=value, quoted where they would be ambiguous. For
// the journal a priority replaces time and level.
type textHandler struct {
	out     io.Writer // receives one record with each Write
	journal bool
	attrs   []byte // of WithAttrs, formatted
	groups  string // of WithGroup: "a.b."
}

// Enabled implements slog.Handler.
func (h *textHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// Handle implements slog.Handler.
func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	b := h.appendHead(nil, r)
	b = append(b, quoteIf(strings.ContainsFunc(r.Message, unprintable), r.Message)...)
	b = append(b, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		b = appendAttr(b, h.groups, a)
		return true
	})
	_, err := h.out.Write(append(b, '\n'))
	return err
}

func (h *textHandler) appendHead(b []byte, r slog.Record) []byte {
	if h.journal {
		return append(b, priority(r.Level)...)
	}
	if !r.Time.IsZero() {
		b = r.Time.AppendFormat(b, time.TimeOnly+" ")
	}
	if r.Level != slog.LevelInfo {
		b = append(b, r.Level.String()+" "...)
	}
	return b
}

// WithAttrs implements slog.Handler.
func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		with.attrs = appendAttr(with.attrs, h.groups, a)
	}
	return &with
}

// WithGroup implements slog.Handler.
func (h *textHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.groups += name + "."
	return &with
}

// appendAttr appends " key=value", or each member of a group.
func appendAttr(b []byte, groups string, a slog.Attr) []byte {
	v := a.Value.Resolve()
	switch {
	case v.Kind() == slog.KindGroup:
		if a.Key != "" {
			groups += a.Key + "."
		}
		for _, m := range v.Group() {
			b = appendAttr(b, groups, m)
		}
		return b
	case a.Equal(slog.Attr{}):
		return b
	}
	s := v.String()
	if v.Kind() == slog.KindTime {
		s = v.Time().Format(time.RFC3339)
	}
	b = append(b, ' ')
	b = append(b, quoteIf(ambiguous(groups+a.Key), groups+a.Key)...)
	b = append(b, '=')
	return append(b, quoteIf(ambiguous(s), s)...)
}

func quoteIf(need bool, s string) string {
	if need {
		return strconv.Quote(s)
	}
	return s
}

// ambiguous reports whether a reader could not see where s ends.
func ambiguous(s string) bool {
	return s == "" || strings.ContainsAny(s, ` "=`) || strings.ContainsFunc(s, unprintable)
}

// unprintable reports whether a rune could break the line or control the terminal.
func unprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
