package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gosv/gosv/chaos"
)

var marks = map[chaos.Outcome]string{chaos.Pass: "✅", chaos.Fail: "❌", chaos.Inconclusive: "❔", chaos.Crashed: "💥", chaos.NotRun: "➖"}

// Markdown writes the result for the summary page of a CI system.
func Markdown(r Result) []byte {
	var b bytes.Buffer
	done, _ := r.injections()
	outcome := r.Outcome()
	fmt.Fprintf(&b, "## %s gosv chaos: %s\n\n", marks[outcome], outcome)
	fmt.Fprintf(&b, "%d of %s injected (%.1f expected), seed %d.\n\n", done, chaos.Count(len(r.History.Plan.Faults), "planned fault was", "planned faults were"), r.Expected, r.History.Plan.Seed)
	b.WriteString("| | verdict | evidence |\n|---|---|---|\n")
	for _, v := range r.Verdicts {
		if v.Outcome != chaos.NotRun {
			fmt.Fprintf(&b, "| %s | %d %s | %s |\n", marks[v.Outcome], v.Number, cell(v.Name), cell(strings.Join(v.Evidence[:min(len(v.Evidence), maxEvidence)], "; ")))
		}
	}
	if recs := r.History.Recoveries(); len(recs) > 0 {
		b.WriteString("\n| service | recoveries | p50 | p95 | p99 | max |\n|---|---:|---:|---:|---:|---:|\n")
		for _, rec := range recs {
			fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s |\n", cell(rec.Service), len(rec.Times), quantile(rec, 0.5), quantile(rec, 0.95), quantile(rec, 0.99), short(rec.Quantile(1)))
		}
	}
	if lines := r.Compare(); len(lines) > 0 {
		b.WriteString("\nRecovery times compared with the baseline:\n\n")
		for _, line := range lines {
			fmt.Fprintf(&b, "- %s\n", line)
		}
	}
	fmt.Fprintf(&b, "\nTo run the same plan again:\n\n    %s\n", r.Command)
	return b.Bytes()
}

var cells = strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;")

func cell(text string) string { return cells.Replace(text) }
