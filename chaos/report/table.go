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

// maxEvidence is how many facts of a verdict are shown.
const maxEvidence = 5

// Table writes the result for people.
func Table(r Result) []byte {
	var b bytes.Buffer
	done, skipped := r.injections()
	fmt.Fprintf(&b, "%s planned (%.1f expected), %d injected, %d skipped\n", chaos.Count(len(r.History.Plan.Faults), "fault was", "faults were"), r.Expected, done, len(r.History.Injections)-done)
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		fmt.Fprintf(&b, "  skipped %d: %s\n", skipped[why], why)
	}
	b.WriteByte('\n')
	for _, v := range r.Verdicts {
		if v.Outcome != chaos.NotRun {
			writeVerdict(&b, v)
		}
	}
	writeSlowest(&b, r)
	writeBaseline(&b, r)
	fmt.Fprintf(&b, "\n%s\n", Summary(r))
	return b.Bytes()
}

// Quiet writes only what did not pass, and the summary.
func Quiet(r Result) []byte {
	var b bytes.Buffer
	for _, v := range r.Verdicts {
		if v.Outcome == chaos.Fail || v.Outcome == chaos.Inconclusive {
			writeVerdict(&b, v)
		}
	}
	fmt.Fprintf(&b, "%s\n", Summary(r))
	return b.Bytes()
}

// Summary is the outcome, with the command that repeats the run.
func Summary(r Result) string {
	return fmt.Sprintf("%s. To run the same plan again:\n  %s", strings.ToUpper(string(r.Outcome())), r.Command)
}

func writeVerdict(b *bytes.Buffer, v chaos.Verdict) {
	fmt.Fprintf(b, "%-12s %2d %s\n", v.Outcome, v.Number, v.Name)
	for i, line := range v.Evidence {
		if i == maxEvidence {
			fmt.Fprintf(b, "                ... and %d more\n", len(v.Evidence)-i)
			break
		}
		fmt.Fprintf(b, "                %s\n", line)
	}
}

// writeSlowest writes the services with the slowest recoveries, slowest first.
func writeSlowest(b *bytes.Buffer, r Result) {
	all := r.History.Recoveries()
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(x, y chaos.Recovery) int { return int(y.Quantile(1) - x.Quantile(1)) })
	fmt.Fprintf(b, "\nrecovery times beyond the delay, slowest first (percentiles from %d recoveries on)\n", chaos.MinQuantileSamples)
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "service\tcount\tp50\tp95\tp99\tmax\t")
	for _, rec := range all[:min(len(all), 10)] {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t\n", rec.Service, len(rec.Times), quantile(rec, 0.5), quantile(rec, 0.95), quantile(rec, 0.99), short(rec.Quantile(1)))
	}
	w.Flush()
}
