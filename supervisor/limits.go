package supervisor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
)

// cgroupsOff is what a configuration without cgroups finds.
var cgroupsOff = cgroupfs.Findings{{Text: "the configuration has cgroups off"}}

// limitKeys are the keys of the configuration by the file that they are written into.
var limitKeys = map[string]string{
	"memory.max": "memory_mb", "memory.high": "memory_high_mb", "memory.swap.max": "memory_swap_mb",
	"cpu.max": "cpu_percent", "cpu.weight": "cpu_weight", "pids.max": "pids_max",
	"cpuset.cpus": "cpuset", "io.weight": "io_weight",
}

// cgroupLimits translates the limits of a configuration into those of a cgroup.
func cgroupLimits(l config.Limits) cgroupfs.Limits {
	return cgroupfs.Limits{
		SwapMax:   swapMax(l),
		MemoryMax: cgroupfs.Bytes(l.MemoryMax), MemoryHigh: cgroupfs.Bytes(l.MemoryHigh),
		CPUQuota:  time.Duration(l.CPUPercent) * cgroupfs.CPUPeriod / 100,
		CPUWeight: l.CPUWeight, PidsMax: l.PidsMax,
		CPUs: l.CPUs, IOWeight: l.IOWeight,
	}
}

// Controllers are those of cgroup v2 that the services need, besides the ones that are
// enabled always.
func Controllers(services []config.Service) []cgroupfs.Controller {
	list := slices.Clone(cgroupfs.DefaultControllers)
	for _, svc := range services {
		for _, c := range cgroupLimits(svc.Limits).Controllers() {
			if !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	return list
}

// swapMax gives a service with a memory limit no swap by default: else it could use
// any amount of memory beyond its limit.
func swapMax(l config.Limits) *cgroupfs.Bytes {
	most := cgroupfs.Bytes(0)
	switch swap := l.MemorySwap; {
	case swap == nil && l.MemoryMax == 0, swap != nil && *swap == config.Unlimited:
		return nil
	case swap != nil:
		most = cgroupfs.Bytes(*swap)
	}
	return &most
}

// unenforceable are the limits of a service whose controller is missing, without a
// default that the configuration does not name.
func unenforceable(missing cgroupfs.Findings, l config.Limits) []cgroupfs.Unset {
	return slices.DeleteFunc(missing.Unenforceable(cgroupLimits(l)), func(u cgroupfs.Unset) bool { return isDefault(u, l) })
}

func isDefault(u cgroupfs.Unset, l config.Limits) bool {
	return u.File == "memory.swap.max" && l.MemorySwap == nil && u.Err == nil
}

// limitWarnings are the sentences for limits that are not in force, in the words of
// the configuration.
func limitWarnings(unset []cgroupfs.Unset, l config.Limits) (warnings []string) {
	for _, u := range unset {
		switch key := limitKeys[u.File]; {
		case isDefault(u, l):
		case u.File == cgroupfs.OOMGroupFile:
			warnings = append(warnings, "out of memory, single processes of the service may be killed: "+u.Reason)
		case key != "":
			warnings = append(warnings, fmt.Sprintf("%s is not in force: %s", key, u.Reason))
		default:
			warnings = append(warnings, u.String())
		}
	}
	return warnings
}

// maxServicesNamed is how many services a sentence names at most.
const maxServicesNamed = 5

// UnenforceableLimits says which limits of which services are not in force for lack of
// a controller, in one sentence for each reason:
//
//	memory_mb (web, worker) and memory_high_mb (web) are not in force: the memory controller ...
func UnenforceableLimits(missing cgroupfs.Findings, services []config.Service) (sentences []string) {
	var reasons, keys []string // each once, in order of first use
	names := map[[2]string][]string{}
	for _, svc := range services {
		for _, u := range unenforceable(missing, svc.Limits) {
			key := limitKeys[u.File]
			if !slices.Contains(reasons, u.Reason) {
				reasons = append(reasons, u.Reason)
			}
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
			at := [2]string{u.Reason, key}
			names[at] = append(names[at], svc.Name)
		}
	}
	for _, why := range reasons {
		var parts []string
		for _, key := range keys {
			if who := names[[2]string{why, key}]; who != nil {
				parts = append(parts, fmt.Sprintf("%s (%s)", key, firstNames(who)))
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

func firstNames(names []string) string {
	if more := len(names) - maxServicesNamed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxServicesNamed], ", "), more)
	}
	return strings.Join(names, ", ")
}
