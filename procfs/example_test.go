package procfs_test

import (
	"fmt"
	"os"
	"testing/fstest"

	"github.com/gosv/gosv/procfs"
)

func ExampleParseStat() {
	// The name of a process may look like the rest of the line.
	text := "1207 (web) S (1)) S 1 1207 1207 0 -1 4194560 359 0 0 0 250 13 0 0 20 0 4 0 188016 22118400 1530 0 0\n"
	stat, err := procfs.ParseStat([]byte(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q has %d threads and used %.1f s of CPU time\n", stat.Comm, stat.Threads, float64(stat.UserTime+stat.SystemTime)/procfs.TicksPerSecond)
	// Output: "web) S (1)" has 4 threads and used 2.6 s of CPU time
}

func ExampleGetenv() {
	env, _ := procfs.ParseEnviron([]byte("PATH=/usr/bin\x00GOSV_INVOCATION=5c1f\x00"))
	fmt.Println(procfs.Getenv(env, procfs.InvocationVariable))
	// Output: 5c1f true
}

// A Reader can be any file system: os.DirFS("/") is this machine.
func ExampleFromFS() {
	machine := procfs.FromFS(os.DirFS("/"))
	if err := procfs.CheckSelf(machine, os.Getpid()); err != nil {
		fmt.Println(err)
		return
	}
	self, err := procfs.ReadStat(machine, os.Getpid())
	fmt.Println(self.Pid == os.Getpid(), self.Ppid == os.Getppid(), self.Alive(), err)
	// Output: true true true <nil>
}

// Files that were copied from another machine are read in the same way.
func ExampleReadCgroup() {
	copied := procfs.FromFS(fstest.MapFS{
		"proc/1207/cgroup": {Data: []byte("4:memory:/old\n0::/system.slice/web.service\n")},
	})
	groups, err := procfs.ReadCgroup(copied, 1207)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(procfs.Unified(groups))
	_, err = procfs.ReadCgroup(copied, 4711)
	fmt.Println(err)
	// Output:
	// /system.slice/web.service true
	// cannot read /proc/4711/cgroup: the process is gone (open proc/4711/cgroup: file does not exist)
}

func ExampleFind() {
	machine := procfs.FromFS(fstest.MapFS{
		"proc/812/stat": {Data: []byte("812 (python3) S 1 800 800 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 4096 1 0\n")},
		"proc/813/stat": {Data: []byte("813 (sh) S 1 813 813 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 4096 1 0\n")},
	})
	members, err := procfs.Find(machine, procfs.Query{Self: 1, Groups: map[int]bool{800: true}})
	for _, m := range members {
		fmt.Println(m.Pid, m.Comm)
	}
	fmt.Println(err)
	// Output:
	// 812 python3
	// <nil>
}
