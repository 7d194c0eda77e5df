package linux_test

import (
	"errors"
	"fmt"
	"os"
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
		if os.Getuid() == 0 { // whom the limit does not bind
			const nobodys = 64126
			check(syscall.Setgid(nobodys))
			check(syscall.Setuid(nobodys))
		}
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
