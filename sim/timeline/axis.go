package timeline

import (
	"math"
	"slices"
	"time"
)

// axis maps instants to places. It knows every instant at which something is drawn.
type axis struct {
	at []time.Duration
	x  []float64 // of each; the first is 0

	linear bool
}

// Widths in pixels.
const (
	leastWidth   = 860.0
	mostWidth    = 6000.0
	perInstant   = 16.0   // so many more for each instant
	leastGap     = 0.15   // of the width of a millisecond, between any two
	linearWidth  = 1424.0 // a page of 1,600 with its margins
	labelWidth   = 74.0
	finest       = time.Millisecond // shorter gaps are drawn about as wide as they are long
	worthTelling = time.Second      // longer ones have their length told
)

func newAxis(c Chart) axis {
	a := axis{at: []time.Duration{0, c.End}, linear: c.Linear}
	for _, m := range c.Marks {
		a.at = append(a.at, m.At)
	}
	for _, l := range c.Lanes {
		for _, b := range l.Bars {
			a.at = append(a.at, b.From, b.To)
		}
		for _, m := range l.Marks {
			a.at = append(a.at, m.At)
		}
	}
	slices.Sort(a.at)
	a.at = slices.Compact(a.at)
	a.x = make([]float64, len(a.at))
	if a.linear {
		last := max(1, float64(a.at[len(a.at)-1]))
		for i, at := range a.at {
			a.x[i] = float64(at) / last * linearWidth
		}
		return a
	}
	for i := 1; i < len(a.at); i++ {
		gap := float64(a.at[i]-a.at[i-1]) / float64(finest)
		a.x[i] = a.x[i-1] + leastGap + math.Log2(1+gap)
	}
	if total := a.x[len(a.x)-1]; total > 0 {
		width := min(mostWidth, max(leastWidth, perInstant*float64(len(a.at))))
		for i := range a.x {
			a.x[i] *= width / total
		}
	}
	return a
}

func (a axis) width() float64 { return max(leastWidth, a.x[len(a.x)-1]) }

// place returns the x of an instant that the axis knows.
func (a axis) place(t time.Duration) float64 {
	i, _ := slices.BinarySearch(a.at, t)
	return a.x[i]
}

// ticks are the instants that get a label: the first, and each that has room.
func (a axis) ticks() (all []int) {
	last := math.Inf(-1)
	for i, x := range a.x {
		if x-last >= labelWidth {
			all = append(all, i)
			last = x
		}
	}
	return all
}

// rounded is an instant for a label.
func rounded(d time.Duration) string {
	for _, unit := range []time.Duration{time.Microsecond, time.Millisecond} {
		if d < 1000*unit {
			return d.Round(unit / 10).String()
		}
	}
	return d.Round(10 * time.Millisecond).String()
}
