package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// results are the runs of one column (cgroups off or on), by name of the peer.
type results map[string][]figures

// row is one line of the table: a figure, and the most that gosv may take of it
// as a multiple of the limit's.
type row struct {
	name string
	goal float64
	of   func([]figures) time.Duration
}

var rows = []row{
	{"start: all running", 1.15, func(runs []figures) time.Duration {
		return medianOf(runs, func(f figures) time.Duration { return f.start })
	}},
	{"all killed, all running again", 1.15, func(runs []figures) time.Duration {
		return medianOf(runs, func(f figures) time.Duration { return f.recover })
	}},
	{"respawn latency p50", 1.2, func(runs []figures) time.Duration { return quantile(allRespawns(runs), 0.50) }},
	{"respawn latency p99", 1.5, func(runs []figures) time.Duration { return quantile(allRespawns(runs), 0.99) }},
	{"stop: all ended", 1.2, func(runs []figures) time.Duration {
		return medianOf(runs, func(f figures) time.Duration { return f.stop })
	}},
}

// Goals of gosv with nothing to do: no wakeup but the safety reap, which looks at
// every service, and for which Go's runtime wakes its own threads too.
const (
	idleSwitches = 0
	idlePSS      = 12 << 20
	safetyReap   = 30 * time.Second
)

// print writes one column's table.
func (r results) print(w io.Writer, title string) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer tw.Flush()
	fmt.Fprintf(tw, "%s\tgosv\tlimit\theld\tbareloop\tgosv/held\tgosv/limit\tgoal\t\t\n", title)
	for _, row := range rows {
		cell := func(p peer) string {
			if len(r[p.name]) == 0 {
				return "-"
			}
			return ms(row.of(r[p.name]))
		}
		ratio, judged := "-", ""
		if x, ok := r.over(row, limitPeer); ok {
			ratio, judged = fmt.Sprintf("%.2f", x), verdict(x <= row.goal)
		}
		own := "-"
		if x, ok := r.over(row, heldPeer); ok {
			own = fmt.Sprintf("%.2f", x)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t<= %.2f\t%s\t\n", row.name,
			cell(gosvPeer), cell(limitPeer), cell(heldPeer), cell(barePeer), own, ratio, row.goal, judged)
	}
	r.printIdle(tw)
}

// over is gosv's figure as a multiple of another's, if both were measured.
func (r results) over(row row, p peer) (x float64, ok bool) {
	if len(r[gosvPeer.name]) == 0 || len(r[p.name]) == 0 {
		return 0, false
	}
	return float64(row.of(r[gosvPeer.name])) / float64(row.of(r[p.name])), true
}

// printIdle writes the rows about a program with nothing to do.
func (r results) printIdle(tw io.Writer) {
	idle := func(name string) *idleFigures {
		for _, f := range r[name] {
			if f.idle != nil {
				return f.idle
			}
		}
		return nil
	}
	cell := func(f *idleFigures, format func(*idleFigures) string) string {
		if f == nil {
			return "-"
		}
		return format(f)
	}
	idleRow := func(name, goal string, format func(*idleFigures) string, met func(*idleFigures) bool) {
		gosv := idle(gosvPeer.name)
		judged := ""
		if gosv != nil && met != nil {
			judged = verdict(met(gosv))
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t\t\t%s\t%s\t\n", name, cell(gosv, format),
			cell(idle(limitPeer.name), format), cell(idle(heldPeer.name), format), cell(idle(barePeer.name), format), goal, judged)
	}
	idleRow("idle: context switches", fmt.Sprintf("<= %d", idleSwitches),
		func(f *idleFigures) string { return fmt.Sprint(f.switches) },
		func(f *idleFigures) bool { return f.switches <= idleSwitches })
	idleRow("idle: those of one safety reap", "-", func(f *idleFigures) string { return fmt.Sprint(f.reaping) }, nil)
	idleRow("idle: PSS", "<= "+mb(idlePSS),
		func(f *idleFigures) string { return mb(f.pss) },
		func(f *idleFigures) bool { return f.pss <= idlePSS })
}

// printPrice writes what cgroups cost the limit itself.
func printPrice(w io.Writer, off, on results) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer tw.Flush()
	fmt.Fprintf(tw, "price of cgroups\tlimit off\tlimit on\ton/off\t\n")
	for _, row := range rows {
		without, with := row.of(off[limitPeer.name]), row.of(on[limitPeer.name])
		fmt.Fprintf(tw, "%s\t%s\t%s\t%.2f\t\n", row.name, ms(without), ms(with), float64(with)/float64(without))
	}
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "NOT MET"
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }
func mb(bytes int64) string     { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

func allRespawns(runs []figures) (all []time.Duration) {
	for _, f := range runs {
		all = append(all, f.respawn...)
	}
	return all
}

func medianOf(runs []figures, of func(figures) time.Duration) time.Duration {
	values := make([]time.Duration, len(runs))
	for i, f := range runs {
		values[i] = of(f)
	}
	return quantile(values, 0.5)
}

// quantile is the smallest value that at least the share q of all values does
// not exceed (nearest rank).
func quantile(values []time.Duration, q float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(q*float64(len(sorted)) + 0.999999)
	return sorted[min(max(rank, 1), len(sorted))-1]
}
