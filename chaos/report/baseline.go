package report

import (
	"bytes"
	"fmt"
	"strings"
)

// margin says what is more than noise.
const margin = "slower and faster: by more than half, and by more than 1 ms"

// trend names a change beyond the margin.
func trend(before, now float64) string {
	switch {
	case now > 1.5*before && now-before > 1:
		return " (slower)"
	case before > 1.5*now && before-now > 1:
		return " (faster)"
	}
	return ""
}

// Compare says how the recoveries differ from those of the baseline, a line for
// each service that both have, and marks each quantile that changed beyond the margin.
func (r Result) Compare() (lines []string) {
	if r.Baseline == nil {
		return nil
	}
	was := map[string]JSONRecovery{}
	for _, rec := range r.Baseline.Recoveries {
		was[rec.Service] = rec
	}
	for _, now := range r.Data().Recoveries {
		before, ok := was[now.Service]
		if !ok {
			continue
		}
		var parts []string
		for _, q := range []struct {
			name        string
			now, before float64
		}{{"p50", now.P50, before.P50}, {"p95", now.P95, before.P95}, {"p99", now.P99, before.P99}, {"max", now.Max, before.Max}} {
			parts = append(parts, fmt.Sprintf("%s %.2f ms, was %.2f ms%s", q.name, q.now, q.before, trend(q.before, q.now)))
		}
		lines = append(lines, now.Service+": "+strings.Join(parts, "; "))
	}
	return lines
}

// writeBaseline compares the recoveries with those of an earlier report.
func writeBaseline(b *bytes.Buffer, r Result) {
	lines := r.Compare()
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\ncompared with the baseline (%s)\n", margin)
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
}
