// Package procfs reads what Linux shows of processes under /proc.
//
// Each kind of file has a parser of its own, from bytes to a struct, that needs no
// kernel: [ParseStat], [ParseStatus], [ParseCgroup], [ParseMountInfo], [ParseMaps],
// [ParseRollup], [ParseEnviron], [ParseCmdline]. The readers of the same names take a
// [Reader] and a PID; [FromFS] makes a Reader of any file system. [Find] looks for the
// members of process groups in one scan, and [Inspect] gathers everything that an
// operator wants to see of one process.
//
// Sizes are bytes; times of processes are clock ticks, of which there are
// [TicksPerSecond]. Reading can block (maps and smaps_rollup wait for the memory lock of
// the process), so it belongs outside a loop that must not stall.
//
// # Errors
//
// A process may end at any moment, between two reads and within one: such an error is
// [ErrGone]. What the kernel does not allow to read (the process of another user,
// hidepid) is an error that is [io/fs.ErrPermission], and in a [Report] or a [Memory] a
// part that is marked as missing, never zero. Every error names the file and wraps the
// errno.
//
// Source: proc(5) and its pages such as proc_pid_stat(5), and
// Documentation/filesystems/proc.rst of the kernel.
package procfs
