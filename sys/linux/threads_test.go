package linux_test

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

func TestAForkBeyondTheLimitOfProcessesIsRefusedAndNoMore(t *testing.T) {
	assert.Equal(t, "<nil>\nfork: resource temporarily unavailable\n<nil>", runPart(t, "no more processes", ""))
}

func init() {
	parts["no more processes"] = func() {
		becomeNobody(64126)
		k, err := linux.New(linux.Options{})
		check(err)
		defer k.Shutdown(time.Second)
		var before unix.Rlimit
		check(unix.Getrlimit(unix.RLIMIT_NPROC, &before))
		for id, limit := range []uint64{before.Cur, 1, before.Cur} {
			check(unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: limit, Max: before.Max}))
			k.Spawn(sys.SpawnRequest{ID: sys.SpawnID(id + 1), Path: "/bin/true"})
			results := k.Spawned()
			for ; len(results) == 0; results = k.Spawned() {
				k.Wait(sys.Never)
			}
			var fail *sys.SpawnError
			if errors.As(results[0].Err, &fail) {
				fmt.Printf("%s: %v\n", fail.Step, fail.Err)
				continue
			}
			fmt.Println(results[0].Err)
		}
	}
}

// Go cannot go on without a thread that it wants, so none is made later. Beyond the
// threads that are kept, what hangs gets further ones only where there is room.
func TestWhatHangsWaitsForThreadsWhereThereAreFew(t *testing.T) {
	assert.Equal(t, "a few at a time, and no thread is new", runPart(t, "few threads", ""))
	assert.Equal(t, "all at a time", runPart(t, "hanging jobs", ""))
}

// hangs submits that many jobs which hang until they are let go, and tells how many do.
func hangs(k *linux.Kernel, n int, hanging *atomic.Int32) (letGo func()) {
	var ends [2]int
	check(unix.Pipe2(ends[:], unix.O_CLOEXEC))
	for range n {
		k.Submit(func(sys.JobKernel) any {
			hanging.Add(1)
			_, err := unix.Read(ends[0], make([]byte, 1))
			return err
		})
	}
	return func() { check(unix.Close(ends[1])) }
}

func init() {
	const crowd = 40
	parts["few threads"] = func() {
		becomeNobody(64128)
		check(unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: 40, Max: 40}))
		k, err := linux.New(linux.Options{})
		check(err)
		check(unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: 1, Max: 40}))
		before, hanging := tasks(), new(atomic.Int32)
		letGo := hangs(k, crowd, hanging)
		for id := range crowd {
			k.Spawn(sys.SpawnRequest{ID: sys.SpawnID(id + 1), Path: "no-such-program", Env: []string{"PATH=/bin"}})
		}
		time.Sleep(300 * time.Millisecond) // hands are added after 50 ms, if there are any
		if n := hanging.Load(); n < 1 || n > 8 || tasks() > before {
			fmt.Printf("%d at a time; %d threads, and %d before\n", n, tasks(), before)
			os.Exit(1)
		}
		letGo()
		for done := 0; done < 2*crowd; k.Wait(sys.Never) {
			done += len(k.Finished()) + len(k.Spawned())
			if done == 2*crowd {
				break
			}
		}
		k.Shutdown(time.Second)
		fmt.Println("a few at a time, and no thread is new")
	}
	parts["hanging jobs"] = func() {
		k, err := linux.New(linux.Options{})
		check(err)
		hanging := new(atomic.Int32)
		letGo := hangs(k, crowd, hanging)
		for hanging.Load() < crowd {
			k.Wait(k.Now() + 10*time.Millisecond)
		}
		letGo()
		for done := 0; done < crowd; done += len(k.Finished()) {
			k.Wait(k.Now() + 10*time.Millisecond)
		}
		k.Shutdown(time.Second)
		fmt.Println("all at a time")
	}
}

// becomeNobody becomes a user who is not root, whom RLIMIT_NPROC does not bind.
func becomeNobody(id int) {
	if os.Getuid() == 0 {
		check(syscall.Setgid(id))
		check(syscall.Setuid(id))
	}
}

// tasks counts the threads of this process.
func tasks() int {
	all, err := os.ReadDir("/proc/self/task")
	check(err)
	return len(all)
}
