package cgroupfs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosv/gosv/config"
)

// SwitchedOff is what a configuration without cgroups finds.
var SwitchedOff = Findings{{Text: "the configuration has cgroups off"}}

// manyNames is how many services a sentence names at most.
const manyNames = 5

// Unenforceable says which limits of which services the findings put out of force, in
// one sentence for each reason:
//
//	memory_mb (web, worker) and memory_high_mb (web) are not in force: the memory controller ...
func (f Findings) Unenforceable(services []config.Service) (sentences []string) {
	var reasons, keys []string // each once, in order of first use
	names := map[[2]string][]string{}
	for _, svc := range services {
		for _, limit := range limits(svc.Limits) {
			why := f.Why(limit.controller)
			if why == "" {
				continue
			}
			if !slices.Contains(reasons, why) {
				reasons = append(reasons, why)
			}
			if !slices.Contains(keys, limit.key) {
				keys = append(keys, limit.key)
			}
			at := [2]string{why, limit.key}
			names[at] = append(names[at], svc.Name)
		}
	}
	for _, why := range reasons {
		var parts []string
		for _, key := range keys {
			if who := names[[2]string{why, key}]; who != nil {
				parts = append(parts, fmt.Sprintf("%s (%s)", key, shortened(who)))
			}
		}
		verb := "are"
		if len(parts) == 1 {
			verb = "is"
		}
		sentences = append(sentences, fmt.Sprintf("%s %s not in force: %s", strings.Join(parts, " and "), verb, why))
	}
	return sentences
}

func shortened(names []string) string {
	if more := len(names) - manyNames; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:manyNames], ", "), more)
	}
	return strings.Join(names, ", ")
}
