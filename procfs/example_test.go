package procfs_test

import (
	"fmt"

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
