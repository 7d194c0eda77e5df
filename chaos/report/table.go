package report

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gosv/gosv/chaos"
)

// maxEvidence is how many facts of a verdict that passed are shown.
const maxEvidence = 5

// Table writes the result for people.
func Table(r Result) []byte {
	var b bytes.Buffer
	done, skipped := r.hits()
	fmt.Fprintf(&b, "%d faults were planned (%.1f expected), %d done, %d skipped\n", len(r.History.Plan.Hits), r.Expected, done, len(r.History.Hits)-done)
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		fmt.Fprintf(&b, "  skipped %d: %s\n", skipped[why], why)
	}
	b.WriteByte('\n')
	for _, v := range r.Verdicts {
		fmt.Fprintf(&b, "%-12s %2d %s\n", v.Outcome, v.Number, title(v))
		for i, line := range v.Evidence {
			if i == maxEvidence {
				fmt.Fprintf(&b, "                ... and %d more\n", len(v.Evidence)-i)
				break
			}
			fmt.Fprintf(&b, "                %s\n", line)
		}
	}
	writeSlowest(&b, r)
	writeBaseline(&b, r)
	fmt.Fprintf(&b, "\n%s. To do the same again:\n  %s\n", strings.ToUpper(string(r.Outcome())), r.Command)
	return b.Bytes()
}

func title(v chaos.Verdict) string {
	if v.Service == "" {
		return v.Name
	}
	return v.Name + " of " + v.Service
}

// writeSlowest shows the slowest recoveries, slowest first.
func writeSlowest(b *bytes.Buffer, r Result) {
	all := r.History.Recoveries()
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(x, y chaos.Recovery) int { return int(y.At(1) - x.At(1)) })
	b.WriteString("\nrecoveries beyond the schedule, slowest first\n")
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "service\tcount\tp50\tp95\tp99\tmax\t")
	for _, rec := range all[:min(len(all), 10)] {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t\n", rec.Service, len(rec.Late), short(rec.At(0.5)), short(rec.At(0.95)), short(rec.At(0.99)), short(rec.At(1)))
	}
	w.Flush()
}

// writeBaseline compares the recoveries with those of an earlier report.
func writeBaseline(b *bytes.Buffer, r Result) {
	lines := r.Compare()
	if len(lines) == 0 {
		return
	}
	b.WriteString("\ncompared with the baseline\n")
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
}

// Compare says how the recoveries differ from those of the baseline, a line for
// each service that both have.
func (r Result) Compare() (lines []string) {
	if r.Baseline == nil {
		return nil
	}
	was := map[string]JSONRecovery{}
	for _, rec := range r.Baseline.Recoveries {
		was[rec.Service] = rec
	}
	for _, now := range r.Data().Recoveries {
		if before, ok := was[now.Service]; ok {
			lines = append(lines, fmt.Sprintf("%s: p50 %.2f ms, was %.2f ms; p95 %.2f ms, was %.2f ms%s", now.Service, now.P50, before.P50, now.P95, before.P95, trend(before.P95, now.P95)))
		}
	}
	return lines
}

// trend names a change that is more than noise: by half, and by a millisecond.
func trend(before, now float64) string {
	switch {
	case now > 1.5*before && now-before > 1:
		return " (slower)"
	case before > 1.5*now && before-now > 1:
		return " (faster)"
	}
	return ""
}
