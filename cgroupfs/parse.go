package cgroupfs

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The formats of the cgroup file system, as "Format" in cgroup-v2.rst names
// them, and that of Documentation/accounting/psi.rst.

// parseFlat reads "flat keyed": lines "KEY VALUE".
func parseFlat(text []byte) (map[string]uint64, error) {
	values := map[string]uint64{}
	for line := range strings.Lines(string(text)) {
		key, number, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		value, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the line %q is not a key and a number", line)
		}
		values[key] = value
	}
	return values, nil
}

// NoLimit is the value of a limit that is not set ("max").
const NoLimit = math.MaxUint64

// parseValue reads one number, or "max".
func parseValue(text []byte) (uint64, error) {
	text = bytes.TrimSuffix(text, []byte("\n"))
	if string(text) == "max" {
		return NoLimit, nil
	}
	value, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return value, nil
}

func parseBytes(text []byte) (Bytes, error) {
	n, err := parseValue(text)
	return Bytes(n), err
}

// parseIOStat reads "nested keyed" lines "8:0 rbytes=1 wbytes=2 rios=3 wios=4 ...". A
// device that has only other keys, or none, is left out.
func parseIOStat(text []byte) ([]IOStats, error) {
	var list []IOStats
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		values := map[string]uint64{}
		for _, word := range words[1:] {
			key, number, _ := strings.Cut(word, "=")
			// The keys of io.latency and io.cost are no integers; they are not used.
			if n, err := strconv.ParseUint(number, 10, 64); err == nil {
				values[key] = n
			}
		}
		if _, ok := values["rbytes"]; ok {
			list = append(list, IOStats{Device: words[0], Read: Bytes(values["rbytes"]), Written: Bytes(values["wbytes"]),
				ReadOps: values["rios"], WriteOps: values["wios"]})
		}
	}
	return list, nil
}

// parsePids reads cgroup.procs, which is neither sorted nor free of repetitions.
// 0 stands for a process in another PID namespace and is dropped.
func parsePids(text []byte) ([]int, error) {
	var pids []int
	for line := range strings.Lines(string(text)) {
		pid, err := strconv.Atoi(strings.TrimSuffix(line, "\n"))
		if err != nil || pid < 0 {
			return nil, fmt.Errorf("the line %q is not a PID", line)
		}
		if pid != 0 {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}

// Pressure is how much time is lost by waiting for a resource (pressure stall
// information, Documentation/accounting/psi.rst).
type Pressure struct {
	Some Stall  // at least one process waits
	Full *Stall // all of them wait; nil for the CPU before Linux 5.13
}

// Stall is one line of a pressure file.
type Stall struct {
	Avg10, Avg60, Avg300 float64 // percent of the last 10, 60 and 300 seconds
	Total                time.Duration
}

// parsePressure reads lines "some avg10=0.00 avg60=0.00 avg300=0.00 total=0".
func parsePressure(text []byte) (Pressure, error) {
	var p Pressure
	seen := false
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		stall, err := parseStall(words[1:])
		if err != nil {
			return Pressure{}, fmt.Errorf("the line %q: %w", line, err)
		}
		switch words[0] {
		case "some":
			p.Some, seen = stall, true
		case "full":
			p.Full = &stall
		}
	}
	if !seen {
		return Pressure{}, errors.New(`there is no line "some"`)
	}
	return p, nil
}

func parseStall(words []string) (s Stall, err error) {
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "avg10":
			s.Avg10, err = percent(value)
		case "avg60":
			s.Avg60, err = percent(value)
		case "avg300":
			s.Avg300, err = percent(value)
		case "total":
			var micro uint64
			micro, err = strconv.ParseUint(value, 10, 64)
			s.Total = microseconds(micro)
		}
		if err != nil {
			return s, fmt.Errorf("%q is not a number", word)
		}
	}
	return s, nil
}

func percent(value string) (float64, error) {
	p, err := strconv.ParseFloat(value, 64)
	if err == nil && (math.IsNaN(p) || p < 0 || p > 100) {
		err = strconv.ErrRange
	}
	return p, err
}

// microseconds turns a counter of the kernel into a duration, at most 292 years.
func microseconds(n uint64) time.Duration {
	return time.Duration(min(n, math.MaxInt64/1000)) * time.Microsecond
}
