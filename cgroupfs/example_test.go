package cgroupfs_test

import (
	"fmt"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/internal/filestest"
)

// On a machine with cgroup v1 only there is no tree, and each limit of a service
// comes to a sentence.
func ExampleProbe() {
	files := filestest.NewMap(map[string]string{
		"/proc/100/mountinfo": "33 23 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
		"/proc/100/cgroup":    "1:memory:/\n",
	})
	tree, findings := cgroupfs.Probe(files, 100, cgroupfs.Options{Command: []string{"gosv"}})
	fmt.Println(tree == nil)
	for _, warning := range findings.Unenforceable(cgroupfs.Limits{MemoryMax: 256 << 20}) {
		fmt.Println(warning)
	}
	// Output:
	// true
	// memory.max is not in force: no cgroup v2 file system is mounted: boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none /sys/fs/cgroup
}

// The limits of a service are typed values; each becomes one write.
func ExampleLimits_Settings() {
	noSwap := cgroupfs.Bytes(0)
	limits := cgroupfs.Limits{
		MemoryMax: 256 << 20,
		SwapMax:   &noSwap,
		CPUQuota:  cgroupfs.CPUPeriod / 2, // half a CPU
		IOMax:     []cgroupfs.IOMax{{Device: "8:0", WriteBPS: 10 << 20}},
	}
	for _, s := range limits.Settings() {
		fmt.Printf("%s: %s\n", s.File, s.Value)
	}
	fmt.Println(limits.Controllers())
	// Output:
	// memory.max: 268435456
	// memory.swap.max: 0
	// cpu.max: 50000 100000
	// io.max: 8:0 wbps=10485760
	// [memory cpu io]
}
