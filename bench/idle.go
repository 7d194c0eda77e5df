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

// idleFigures say what a program with nothing to do costs.
type idleFigures struct {
	switches int   // voluntary context switches of all its threads: each is a wakeup
	pss      int64 // bytes, Pss of smaps_rollup
}

// watchIdle lets the start-up settle for two seconds, then watches.
func watchIdle(pid int, period time.Duration) (*idleFigures, error) {
	time.Sleep(2 * time.Second)
	before, err := voluntarySwitches(pid)
	if err != nil {
		return nil, err
	}
	time.Sleep(period)
	after, err := voluntarySwitches(pid)
	if err != nil {
		return nil, err
	}
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return nil, err
	}
	kib, err := field(rollup, "Pss:")
	return &idleFigures{switches: after - before, pss: int64(kib) << 10}, err
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
