package timeline

import (
	_ "embed"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

//go:embed page.html
var page string

// HTML is a page of its own with the drawing, a box that tells what the pointer is
// at, and the same as a list.
func HTML(c Chart) []byte {
	return []byte(strings.NewReplacer(
		"{{title}}", html.EscapeString(c.Title),
		"{{drawing}}", string(SVG(c)),
		"{{list}}", list(c),
	).Replace(page))
}

// row is a line of the list.
type row struct {
	at         time.Duration
	lane, text string
}

func list(c Chart) string {
	var rows []row
	for _, m := range c.Marks {
		rows = append(rows, row{m.At, "", m.Tip})
	}
	for _, l := range c.Lanes {
		for _, b := range l.Bars {
			rows = append(rows, row{b.From, l.Name, b.Tip})
		}
		for _, m := range l.Marks {
			rows = append(rows, row{m.At, l.Name, m.Tip})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return int(min(1, max(-1, a.at-b.at))) })
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "<tr><td>%v</td><td>%s</td><td>%s</td></tr>\n", r.at, html.EscapeString(r.lane), html.EscapeString(r.text))
	}
	return b.String()
}
