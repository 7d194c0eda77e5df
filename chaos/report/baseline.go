package report

import (
	"bytes"
	"fmt"

	"github.com/gosv/gosv/chaos"
)

// noise is a difference in milliseconds that means nothing.
const noise = 1

// comparison is one figure of a service, now and in an earlier run, in milliseconds.
type comparison struct {
	name        string
	now, before float64
}

// comparisons pairs the recovery times of each service with those of an earlier report. Both
// must have a figure for it to be compared.
func comparisons(h chaos.History, baseline *JSON) (services []string, all map[string][]comparison) {
	before := map[string]JSONRecovery{}
	if baseline != nil {
		for _, rec := range baseline.Recoveries {
			before[rec.Service] = rec
		}
	}
	all = map[string][]comparison{}
	for _, now := range recoveriesOf(h) {
		was, ok := before[now.Service]
		if !ok {
			continue
		}
		services = append(services, now.Service)
		for _, c := range []comparison{{"p50", now.P50, was.P50}, {"p95", now.P95, was.P95}, {"p99", now.P99, was.P99}, {"max", now.Max, was.Max}} {
			if c.now > 0 && c.before > 0 {
				all[now.Service] = append(all[now.Service], c)
			}
		}
	}
	return services, all
}

// slowerBy returns how much slower than before a figure is, as a share; 0 if the difference
// is noise.
func (c comparison) slowerBy() float64 {
	if c.now-c.before <= noise {
		return 0
	}
	return c.now/c.before - 1
}

// Compare describes the recovery times beside those of the baseline, a line for each service
// that both have.
func (r Result) Compare() (lines []string) {
	services, all := comparisons(r.History, r.Baseline)
	for _, name := range services {
		line := name + ":"
		for i, c := range all[name] {
			if i > 0 {
				line += ";"
			}
			line += fmt.Sprintf(" %s %.2f ms, was %.2f ms", c.name, c.now, c.before)
		}
		lines = append(lines, line)
	}
	return lines
}

// Regressions describes recovery times that are slower than in an earlier report by more
// than a share: 0.5 allows one and a half times as much. It does not return nil.
func Regressions(h chaos.History, baseline *JSON, share float64) []string {
	slower := []string{}
	services, all := comparisons(h, baseline)
	for _, name := range services {
		for _, c := range all[name] {
			if by := c.slowerBy(); by > share {
				slower = append(slower, fmt.Sprintf("%s: %s of the recovery times is %.2f ms, was %.2f ms: %.0f %% slower, more than %.0f %%", name, c.name, c.now, c.before, 100*by, 100*share))
			}
		}
	}
	return slower
}

// writeBaseline writes the comparison with an earlier report.
func writeBaseline(b *bytes.Buffer, r Result) {
	lines := r.Compare()
	if len(lines) == 0 {
		return
	}
	b.WriteString("\nrecovery times compared with the baseline\n")
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
}
