package timeline

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"strings"
)

//go:embed style.css
var style string

// Heights and places in pixels.
const (
	left       = 120.0 // of the drawing: names stand there
	right      = 56.0  // for the last label
	laneHeight = 46.0
	barTop     = 20.0 // within a lane; marks are above
	barHeight  = 18.0
	lineHeight = 18.0
	letter     = 6.6 // the width of one, about
)

// SVG draws the chart. The picture follows the reader's choice of light or dark.
func SVG(c Chart) []byte {
	d := drawing{axis: newAxis(c)}
	width := left + d.axis.width() + right
	top := 34 + lineHeight*float64(len(c.Notes)) + lineHeight
	bottom := top + laneHeight*float64(len(c.Lanes))
	height := bottom + 4.4*lineHeight
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="%s">`+"\n",
		width, height, width, height, html.EscapeString(c.Title))
	d.printf("<style>\n%s</style>\n", style)
	d.printf(`<rect class="paper" width="100%%" height="100%%"/>` + "\n")
	d.text("title", 12, 22, c.Title)
	for i, note := range c.Notes {
		d.text("note", 12, 42+lineHeight*float64(i), note)
	}
	d.grid(top, bottom)
	for i, lane := range c.Lanes {
		d.lane(lane, top+laneHeight*float64(i))
	}
	for _, m := range merged(c.Marks, d.axis) {
		d.through(m, top-lineHeight+4, bottom)
	}
	d.legend(bottom + 3.6*lineHeight)
	d.printf("</svg>\n")
	return d.Bytes()
}

// drawing is a picture on its way.
type drawing struct {
	bytes.Buffer
	axis axis
}

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(d, format, args...) }

func (d *drawing) text(class string, x, y float64, text string) {
	d.printf(`<text class="%s" x="%.1f" y="%.1f">%s</text>`+"\n", class, x, y, html.EscapeString(text))
}

// grid draws the axis below the lanes: instants, and below them how long the long
// gaps are.
func (d *drawing) grid(top, bottom float64) {
	a := d.axis
	for _, i := range a.ticks() {
		x := left + a.x[i]
		d.printf(`<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", x, top, x, bottom+4)
		d.text("tick", x, bottom+lineHeight, rounded(a.at[i]))
	}
	for i := 1; i < len(a.at) && !a.linear; i++ {
		gap := a.at[i] - a.at[i-1]
		label := rounded(gap)
		if from, to := a.x[i-1], a.x[i]; gap >= worthTelling && to-from > letter*float64(len(label)+2) {
			y := bottom + 1.95*lineHeight
			d.printf(`<path class="gap" d="M%.1f %.1fh%.1f"/>`+"\n", left+from+2, y-4, to-from-4)
			d.text("gap", left+(from+to)/2, y, label)
		}
	}
}

// lane draws one lane: its name, its bars, and its marks above them.
func (d *drawing) lane(l Lane, top float64) {
	d.text("name", left-10, top+barTop+barHeight-5, l.Name)
	d.printf(`<line class="rail" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", left, top+barTop+barHeight, left+d.axis.width(), top+barTop+barHeight)
	for _, b := range l.Bars {
		x := left + d.axis.place(b.From)
		width := max(1, left+d.axis.place(b.To)-x)
		d.printf(`<g class="bar %s">%s<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/>`, toneNames[b.Tone], tip(b.Tip), x, top+barTop, width, barHeight)
		if width > letter*float64(len(b.Label))+8 {
			d.printf(`<text x="%.1f" y="%.1f">%s</text>`, x+4, top+barTop+barHeight-5, html.EscapeString(b.Label))
		}
		d.printf("</g>\n")
	}
	for _, m := range merged(l.Marks, d.axis) {
		d.mark(m, left+d.axis.place(m.At), top)
	}
}

func tip(text string) string { return "<title>" + html.EscapeString(text) + "</title>" }

// mark draws a mark of a lane.
func (d *drawing) mark(m Mark, x, top float64) {
	d.printf(`<g class="mark %s">%s%s</g>`+"\n", kindNames[m.Kind], tip(m.Tip), shape(m.Kind, x, top+barTop))
}

// shape is the form of a mark whose bar begins at y.
func shape(k Kind, x, y float64) string {
	switch k {
	case Start:
		return fmt.Sprintf(`<path d="M%.1f %.1fv%.1f"/>`, x, y-4, barHeight+8)
	case Exit:
		return fmt.Sprintf(`<circle cx="%.1f" cy="%.1f" r="3.5"/>`, x, y+barHeight)
	case Signal:
		return fmt.Sprintf(`<path d="M%.1f %.1fl-4.5 -8h9z"/>`, x, y)
	case Command:
		return fmt.Sprintf(`<path d="M%.1f %.1fl-4.5 8h9z"/>`, x, y-9)
	case Fault:
		return fmt.Sprintf(`<path d="M%.1f %.1fl5 5l-5 5l-5 -5z"/>`, x, y-17)
	}
	return fmt.Sprintf(`<path d="M%.1f %.1fv%.1f"/>`, x, y-4, barHeight+8)
}

// through draws a mark that concerns every lane.
func (d *drawing) through(m Mark, top, bottom float64) {
	x := left + d.axis.place(m.At)
	d.printf(`<g class="mark %s">%s<path d="M%.1f %.1fV%.1f"/></g>`+"\n", kindNames[m.Kind], tip(m.Tip), x, top, bottom)
	if m.Label != "" {
		d.text("note", x+3, top+8, m.Label)
	}
}

// merged puts marks of one kind together that would stand on one another.
func merged(marks []Mark, a axis) (all []Mark) {
	last := map[Kind]int{}
	for _, m := range marks {
		i, seen := last[m.Kind]
		if seen && a.place(m.At)-a.place(all[i].At) < 3 {
			if !strings.Contains(all[i].Tip, m.Tip) {
				all[i].Tip += "\n" + m.Tip
			}
			continue
		}
		last[m.Kind] = len(all)
		all = append(all, m)
	}
	return all
}

// sample is the form of a mark for the legend, with its middle at y.
func sample(k Kind, x, y float64) string {
	switch k {
	case Exit:
		return shape(k, x, y-barHeight)
	case Signal, Command:
		return shape(k, x, y+4)
	case Fault:
		return shape(k, x, y+12)
	}
	return fmt.Sprintf(`<path d="M%.1f %.1fv12"/>`, x, y-6)
}

// legend says what the shapes mean.
func (d *drawing) legend(y float64) {
	x := left
	for k, name := range kindNames {
		d.printf(`<g class="mark %s">%s</g>`+"\n", name, sample(Kind(k), x, y))
		d.text("legend", x+10, y+4, name)
		x += 26 + letter*float64(len(name))
	}
	if !d.axis.linear {
		d.text("legend", x+14, y+4, "(time is compressed: a gap is as wide as the logarithm of its length)")
	}
}
