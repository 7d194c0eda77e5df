package fakesys

import (
	"strings"
	"syscall"
)

// The pressure files (PSI) always show no pressure, and accept no triggers.
var pressureFiles = []cgroupFile{
	{name: "cpu.pressure", root: true, read: noCPUPressure},
	{name: "memory.pressure", root: true, read: noPressure},
	{name: "io.pressure", root: true, read: noPressure},
}

// noCPUPressure has no line "full" on a kernel before 5.13, and so on each that has no
// cgroup.kill (5.14).
func noCPUPressure(g *cgroup) (string, syscall.Errno) {
	text, errno := noPressure(g)
	if g.fs.opt.NoKillFile {
		text, _, _ = strings.Cut(text, "full")
	}
	return text, errno
}

func noPressure(*cgroup) (string, syscall.Errno) {
	const line = " avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
	return strings.Join([]string{"some", line, "full", line}, ""), 0
}
