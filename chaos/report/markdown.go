package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gosv/gosv/chaos"
)

var marks = map[chaos.Outcome]string{chaos.Pass: "✅", chaos.Fail: "❌", chaos.Inconclusive: "❔", chaos.Crashed: "💥"}

// Markdown writes the result for the summary page of a CI system.
func Markdown(r Result) []byte {
	var b bytes.Buffer
	done, _ := r.hits()
	sum := r.Outcome()
	fmt.Fprintf(&b, "## %s gosv chaos: %s\n\n", marks[sum], sum)
	fmt.Fprintf(&b, "%d of %s done (%.1f expected), seed %d.\n\n", done, chaos.Count(len(r.History.Plan.Faults), "planned fault was", "planned faults were"), r.Expected, r.History.Plan.Seed)
	b.WriteString("| | verdict | evidence |\n|---|---|---|\n")
	for _, v := range r.Verdicts {
		fmt.Fprintf(&b, "| %s | %d %s | %s |\n", marks[v.Outcome], v.Number, cell(v.Name), cell(strings.Join(v.Evidence[:min(len(v.Evidence), maxEvidence)], "; ")))
	}
	if recs := r.Data().Recoveries; len(recs) > 0 {
		b.WriteString("\n| service | recoveries | p50 | p95 | p99 | max |\n|---|---:|---:|---:|---:|---:|\n")
		for _, rec := range recs {
			fmt.Fprintf(&b, "| %s | %d | %.2f ms | %.2f ms | %.2f ms | %.2f ms |\n", cell(rec.Service), rec.Count, rec.P50, rec.P95, rec.P99, rec.Max)
		}
	}
	if lines := r.Compare(); len(lines) > 0 {
		fmt.Fprintf(&b, "\nCompared with the baseline (%s):\n\n", margin)
		for _, line := range lines {
			fmt.Fprintf(&b, "- %s\n", line)
		}
	}
	fmt.Fprintf(&b, "\nTo do the same again:\n\n    %s\n", r.Command)
	return b.Bytes()
}

var cells = strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;")

func cell(text string) string { return cells.Replace(text) }
