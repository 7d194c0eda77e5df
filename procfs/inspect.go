package procfs

import (
	"fmt"

	"github.com/gosv/gosv/sys"
)

// Options of Inspect.
type Options struct {
	Maps bool // every mapping, not only the sums
}

// Report is what an operator may want to see of one process.
type Report struct {
	Stat        Stat
	Cmdline     []string
	Cgroup      string // cgroup v2 path, "" if there is none
	Memory      Memory
	Descriptors []Descriptor
	Mapped      []MapSummary // largest first
	Maps        []Mapping    // only if asked for
	// Missing are the parts that could not be read; they are empty above.
	Missing []Missing
}

// Missing is a part of a Report that could not be read.
type Missing struct {
	Part string // "descriptors"
	Err  error  // a sentence
}

// Inspect reads everything in a Report. It compares the start time before and after,
// so that no part belongs to another process: a PID that was reused is ErrGone. A part
// that cannot be read is listed in Missing and is no error. Most parts of a zombie are
// empty.
func Inspect(f sys.FileReader, pid int, startTime uint64, o Options) (Report, error) {
	var r Report
	if _, err := readSame(f, pid, startTime); err != nil {
		return Report{}, err
	}
	var err error
	r.Cmdline, err = ReadCmdline(f, pid)
	r.missing("command line", err)
	groups, err := ReadCgroup(f, pid)
	r.missing("cgroup", err)
	r.Cgroup, _ = Unified(groups)
	r.Memory, err = ReadMemory(f, pid)
	r.missing("memory", err)
	r.Descriptors, err = ReadDescriptors(f, pid)
	r.missing("descriptors", err)
	maps, err := ReadMaps(f, pid)
	r.missing("memory maps", err)
	r.Mapped = SummarizeMaps(maps)
	if o.Maps {
		r.Maps = maps
	}
	if r.Stat, err = readSame(f, pid, startTime); err != nil {
		return Report{}, err
	}
	return r, nil
}

func (r *Report) missing(part string, err error) {
	if err != nil {
		r.Missing = append(r.Missing, Missing{Part: part, Err: err})
	}
}

// readSame reads stat. If the start time differs, the error is ErrGone.
func readSame(f sys.FileReader, pid int, startTime uint64) (Stat, error) {
	s, err := ReadStat(f, pid)
	if err == nil && s.StartTime != startTime {
		err = fmt.Errorf("PID %d belongs to another process now: %w", pid, ErrGone)
	}
	return s, err
}
