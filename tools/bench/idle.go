package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// idleFigures say what a program with nothing to do costs. A context switch is a
// voluntary one of any of its threads: a wakeup.
type idleFigures struct {
	switches int   // while nothing is due
	reaping  int   // while gosv's safety reap is due, once (every 30 s)
	pss      int64 // bytes, Pss of smaps_rollup, after that
}

// settling is what the end of the start-up may take.
const settling = 2 * time.Second

// watchIdle lets the start-up settle, watches for a period that ends before the
// safety reap, and once more for as long as until after it.
func watchIdle(pid int, period time.Duration) (*idleFigures, error) {
	var seen [3]int
	for i, pause := range []time.Duration{settling, period, safetyReap - period + settling} {
		time.Sleep(pause)
		var err error
		if seen[i], err = voluntarySwitches(pid); err != nil {
			return nil, err
		}
	}
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return nil, err
	}
	kib, err := field(rollup, "Pss:")
	return &idleFigures{switches: seen[1] - seen[0], reaping: seen[2] - seen[1], pss: int64(kib) << 10}, err
}

func voluntarySwitches(pid int) (sum int, err error) {
	paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(paths) == 0 {
		return 0, fmt.Errorf("process %d has no threads any more", pid)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		n, err := field(text, "voluntary_ctxt_switches:")
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// field finds the number after a name that begins a line.
func field(text []byte, name string) (int, error) {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), name); found {
			return strconv.Atoi(strings.Fields(rest)[0])
		}
	}
	return 0, fmt.Errorf("there is no line %q", name)
}
