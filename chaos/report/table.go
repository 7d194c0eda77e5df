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
	fmt.Fprintf(&b, "%s planned (%.1f expected), %d done, %d skipped\n", chaos.Count(len(r.History.Plan.Faults), "fault was", "faults were"), r.Expected, done, len(r.History.Injections)-done)
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		fmt.Fprintf(&b, "  skipped %d: %s\n", skipped[why], why)
	}
	b.WriteByte('\n')
	for _, v := range r.Verdicts {
		fmt.Fprintf(&b, "%-12s %2d %s\n", v.Outcome, v.Number, v.Name)
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

// writeSlowest shows the slowest recoveries, slowest first.
func writeSlowest(b *bytes.Buffer, r Result) {
	all := r.History.Recoveries()
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(x, y chaos.Recovery) int { return int(y.Quantile(1) - x.Quantile(1)) })
	b.WriteString("\nrecoveries beyond the schedule, slowest first\n")
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "service\tcount\tp50\tp95\tp99\tmax\t")
	for _, rec := range all[:min(len(all), 10)] {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t\n", rec.Service, len(rec.Times), short(rec.Quantile(0.5)), short(rec.Quantile(0.95)), short(rec.Quantile(0.99)), short(rec.Quantile(1)))
	}
	w.Flush()
}
