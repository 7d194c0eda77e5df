package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gosv/gosv/chaos"
)

// Annotations writes an error for each verdict that failed, and a warning for each that is
// inconclusive, as workflow commands of GitHub Actions. They appear beside the job.
func Annotations(r Result) []byte {
	var b bytes.Buffer
	for _, v := range r.Verdicts {
		level := map[chaos.Outcome]string{chaos.Fail: "error", chaos.Inconclusive: "warning"}[v.Outcome]
		if level == "" {
			continue
		}
		first := "no evidence"
		if len(v.Evidence) > 0 {
			first = v.Evidence[0]
		}
		fmt.Fprintf(&b, "::%s title=gosv chaos%%3A %d %s::%s\n", level, v.Number, escapeProperty(v.Name), escapeData(first))
	}
	if r.Outcome() == chaos.Crashed {
		fmt.Fprintf(&b, "::error title=gosv chaos::the supervisor crashed or hung (status %d)\n", r.History.End.Status)
	}
	return b.Bytes()
}

// The runner decodes these sequences (toolkit of GitHub Actions, core/src/command.ts).
var (
	data       = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	properties = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(text string) string     { return data.Replace(text) }
func escapeProperty(text string) string { return properties.Replace(text) }
