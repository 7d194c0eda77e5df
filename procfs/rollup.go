package procfs

import (
	"fmt"
	"strings"

	"github.com/gosv/gosv/sys"
)

// Rollup is /proc/PID/smaps_rollup: the exact memory of a process in bytes. A
// page that n processes share counts 1/n in the proportional figures.
type Rollup struct {
	RSS, PSS        uint64 // resident; proportional share of it
	PrivateClean    uint64 // only this process has it ...
	PrivateDirty    uint64 // ... and together these would be free if it ended
	Anonymous       uint64
	Swap, SwapShare uint64 // Swap, SwapPss
}

// ReadRollup reads /proc/PID/smaps_rollup, which walks the whole address space:
// milliseconds for a large process. A zombie is ErrGone, a process of another
// user EACCES, a kernel thread an error or zero, depending on the kernel.
func ReadRollup(f sys.FileReader, pid int) (Rollup, error) {
	return read(f, pid, "smaps_rollup", ParseRollup)
}

// ParseRollup reads lines "Key:   12 kB" (Documentation/filesystems/proc.rst,
// "smaps"); the lines of other keys are passed over. Rss and Pss must be there.
func ParseRollup(text []byte) (Rollup, error) {
	var r Rollup
	fields := map[string]*uint64{
		"Rss": &r.RSS, "Pss": &r.PSS, "Private_Clean": &r.PrivateClean, "Private_Dirty": &r.PrivateDirty,
		"Anonymous": &r.Anonymous, "Swap": &r.Swap, "SwapPss": &r.SwapShare,
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		place := fields[key]
		if place == nil {
			continue
		}
		size, err := kilobytes(value)
		if err != nil {
			return Rollup{}, fmt.Errorf("%s is %q: %w", key, value, err)
		}
		*place, seen[key] = size, true
	}
	for _, key := range []string{"Rss", "Pss"} {
		if !seen[key] {
			return Rollup{}, fmt.Errorf("there is no line %q", key+":")
		}
	}
	return r, nil
}
