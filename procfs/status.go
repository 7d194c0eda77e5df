package procfs

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// Status is /proc/PID/status, the fields that a supervisor uses.
type Status struct {
	Name    string
	State   byte // as in Stat
	Pid     int
	Ppid    int
	UIDs    [4]int // real, effective, saved, file system
	GIDs    [4]int
	Threads int
	VM      *VM // nil: it has no memory (a zombie, a kernel thread)

	// Signal masks: bit n-1 stands for signal n.
	Pending, SharedPending, Blocked, Ignored, Caught uint64
}

// VM is the memory of a process in bytes, from the Vm and Rss lines of status.
// The kernel counts it in batches: it may be off by some pages.
type VM struct {
	Peak, Size       uint64 // virtual: highest and now (VmPeak, VmSize)
	HWM, RSS         uint64 // resident: highest and now (VmHWM, VmRSS)
	Anon, File, Shm  uint64 // the parts of RSS (RssAnon, RssFile, RssShmem)
	Swap             uint64 // VmSwap
	Data, Stack, PTE uint64 // VmData, VmStk, VmPTE
}

// ReadStatus reads /proc/PID/status.
func ReadStatus(f sys.FileReader, pid int) (Status, error) {
	return read(f, pid, "status", ParseStatus)
}

// ParseStatus reads "Key:\tvalue" lines. Unknown keys are passed over; Name,
// State and Pid must be there.
func ParseStatus(text []byte) (Status, error) {
	var s Status
	var vm VM
	var hasVM bool
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		if !ok {
			continue
		}
		value = strings.TrimPrefix(value, "\t")
		seen[key] = true
		size := vm.field(key)
		var err error
		if size != nil {
			hasVM = true
			*size, err = kilobytes(value)
		} else {
			err = s.set(key, value)
		}
		if err != nil {
			return Status{}, fmt.Errorf("%s is %q: %w", key, value, err)
		}
	}
	for _, key := range []string{"Name", "State", "Pid"} {
		if !seen[key] {
			return Status{}, fmt.Errorf("there is no line %q", key+":")
		}
	}
	if hasVM {
		s.VM = &vm
	}
	return s, nil
}

func (s *Status) set(key, value string) (err error) {
	switch key {
	case "Name":
		s.Name = unescapeName.Replace(value)
	case "State":
		if value == "" {
			return errors.New("it is empty")
		}
		s.State = value[0]
	case "Pid":
		s.Pid, err = strconv.Atoi(value)
	case "PPid":
		s.Ppid, err = strconv.Atoi(value)
	case "Threads":
		s.Threads, err = strconv.Atoi(value)
	case "Uid":
		s.UIDs, err = four(value)
	case "Gid":
		s.GIDs, err = four(value)
	case "SigPnd":
		s.Pending, err = strconv.ParseUint(value, 16, 64)
	case "ShdPnd":
		s.SharedPending, err = strconv.ParseUint(value, 16, 64)
	case "SigBlk":
		s.Blocked, err = strconv.ParseUint(value, 16, 64)
	case "SigIgn":
		s.Ignored, err = strconv.ParseUint(value, 16, 64)
	case "SigCgt":
		s.Caught, err = strconv.ParseUint(value, 16, 64)
	}
	return err
}

// field gives the place of a size, nil if key is none.
func (v *VM) field(key string) *uint64 {
	switch key {
	case "VmPeak":
		return &v.Peak
	case "VmSize":
		return &v.Size
	case "VmHWM":
		return &v.HWM
	case "VmRSS":
		return &v.RSS
	case "RssAnon":
		return &v.Anon
	case "RssFile":
		return &v.File
	case "RssShmem":
		return &v.Shm
	case "VmSwap":
		return &v.Swap
	case "VmData":
		return &v.Data
	case "VmStk":
		return &v.Stack
	case "VmPTE":
		return &v.PTE
	}
	return nil
}

// unescapeName undoes what the kernel does to a name in this file
// (fs/proc/array.c, proc_task_name).
var unescapeName = strings.NewReplacer(`\n`, "\n", `\\`, `\`)

// kilobytes reads "123 kB" and gives bytes.
func kilobytes(value string) (uint64, error) {
	number, ok := strings.CutSuffix(strings.TrimSpace(value), " kB")
	if !ok {
		return 0, errors.New("kB are missing")
	}
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 64)
	if err == nil && n > math.MaxUint64>>10 {
		err = strconv.ErrRange
	}
	return n << 10, err
}

func four(value string) (ids [4]int, err error) {
	words := strings.Fields(value)
	if len(words) != 4 {
		return ids, errors.New("four numbers were expected")
	}
	for i, w := range words {
		if ids[i], err = strconv.Atoi(w); err != nil {
			return ids, err
		}
	}
	return ids, nil
}
