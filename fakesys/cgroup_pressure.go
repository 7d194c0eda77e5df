package fakesys

import (
	"strings"
	"syscall"
)

// The pressure files (PSI) always show no pressure, and accept no triggers.
var pressureFiles = []cgroupFile{
	{name: "cpu.pressure", root: true, read: noPressure},
	{name: "memory.pressure", root: true, read: noPressure},
	{name: "io.pressure", root: true, read: noPressure},
}

func noPressure(*cgroup) (string, syscall.Errno) {
	const line = " avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
	return strings.Join([]string{"some", line, "full", line}, ""), 0
}
