package procfs

import "github.com/gosv/gosv/sys"

// Memory is what a process uses.
type Memory struct {
	Threads int
	VM      *VM     // nil: a zombie or a kernel thread
	Exact   *Rollup // nil: not available (another user's process, no such file in the kernel, the process has ended)
}

// ReadMemory reads status and, where the kernel allows it, smaps_rollup.
func ReadMemory(f sys.FileReader, pid int) (Memory, error) {
	status, err := ReadStatus(f, pid)
	if err != nil {
		return Memory{}, err
	}
	m := Memory{Threads: status.Threads, VM: status.VM}
	if m.VM != nil {
		if exact, err := ReadRollup(f, pid); err == nil {
			m.Exact = &exact
		}
	}
	return m, nil
}
