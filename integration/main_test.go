package integration

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/testproc/live"
)

// binary is gosv.
var (
	binary     string
	buildFlags = []string{"build"}
)

func TestMain(m *testing.M) {
	live.RunIfRequested()
	flag.Parse()
	// The tests mostly wait: the default, one for each core, would let them wait one
	// after the other.
	check(flag.Set("test.parallel", "12"))
	dir, err := os.MkdirTemp("", "gosv-integration-")
	check(err)
	binary = filepath.Join(dir, "gosv")
	if out, err := exec.Command("go", append(buildFlags, "-o", binary, "../cmd/gosv")...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "gosv cannot be built: %v\n%s", err, out)
		os.Exit(1)
	}
	// Processes that outlive a gosv become children of the tests: PID 1 may take a
	// second to reap them.
	check(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
	status := m.Run()
	for pid := 1; pid > 0; {
		pid, _ = syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
	}
	check(os.RemoveAll(dir))
	os.Exit(status)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
