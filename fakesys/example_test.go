package fakesys_test

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// stop is what the program under test does: it asks a child to end, and after a
// grace it makes it end. It knows the roles of package sys only.
func stop(k sys.Kernel, c sys.Child, grace time.Duration) sys.Status {
	_ = k.SignalGroup(c.Handle, syscall.SIGTERM)
	for deadline, killed := k.Now()+grace, false; ; {
		if st, ended, _ := k.Reap(c.Handle); ended {
			return st
		}
		if k.Now() >= deadline && !killed {
			_ = k.SignalGroup(c.Handle, syscall.SIGKILL)
			killed, deadline = true, sys.Never
		}
		k.Wait(deadline)
		k.Exited()
	}
}

// A program that manages processes tests itself on the fake: a child that is
// deaf to TERM gets its whole grace, in no time at all.
func Example() {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/usr/sbin/deaf", "ignore TERM; sleep forever")
	k.AddProgram("/usr/sbin/polite", "on TERM {sleep 2s; exit 0}; sleep forever")

	for i, path := range []string{"/usr/sbin/polite", "/usr/sbin/deaf"} {
		k.Spawn(sys.SpawnRequest{ID: sys.SpawnID(i), Path: path})
		k.Wait(sys.Never)
		child := k.Spawned()[0].Child
		k.Wait(k.Now() + time.Minute)

		begin := k.Now()
		st := stop(k, child, 10*time.Second)
		fmt.Printf("%s: %+v after %v\n", path, st, k.Now()-begin)
	}
	// Output:
	// /usr/sbin/polite: {Code:0 Signal:signal 0 Core:false} after 2s
	// /usr/sbin/deaf: {Code:0 Signal:killed Core:false} after 10s
}

// The trace tells what happened, in words, and what it came of: each line has a
// number, and names the lines before it that have led to it.
func ExampleOptions_trace() {
	k := fakesys.New(fakesys.Options{Trace: os.Stdout})
	k.Spawn(sys.SpawnRequest{ID: 1, Path: fakesys.TestprocPath, Args: []string{"testproc", "exit 3"}})
	k.Wait(sys.Never)
	k.Spawned()
	// Output:
	//     1 0s           10     spawn 1 "/usr/bin/testproc"
	//     2 0s           10     wait until never
	//     3 250µs        world  action "fork"
	//     4 250µs        10     fork 11 10 <- 1 10 spawn 1 "/usr/bin/testproc"
	//     5 500µs        world  action "exec"
	//     6 500µs        11     exec 11 "/usr/bin/testproc"
	//     7 500µs        11     run 0 "exit"
	//     8 500µs        11     exit 3 <- 7 11 run 0 "exit"
	//     9 500µs        world  action "start has its result"
	//    10 500µs        world  start-done 1 11 <- 1 10 spawn 1 "/usr/bin/testproc"
	//    11 500µs        world  action "gosv runs"
	//    12 500µs        10     woke by spawn <- 1 10 spawn 1 "/usr/bin/testproc"
	//    13 500µs        10     spawned 1
}
