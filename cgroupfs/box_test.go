package cgroupfs

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/filestest"
)

// boxVariable names, to the process that runs a test, the cgroup made for it.
const boxVariable = "GOSV_TEST_CGROUP_BOX"

// boxed runs the test once more as a process in a fresh cgroup, so that it meets
// no other gosv of this machine and leaves nothing behind, and reports whether this is
// that process. prepare may change the cgroup before.
func boxed(t *testing.T, prepare func(box string)) bool {
	t.Helper()
	if os.Getenv(boxVariable) != "" {
		return true
	}
	at, problem := locate(filestest.Kernel{}, os.Getpid(), Options{})
	if problem != nil {
		t.Skipf("cgroups cannot be tested: %v", problem)
	}
	box, err := os.MkdirTemp(at.dir, "cgroupfs-test-")
	if err != nil {
		t.Skipf("cgroups cannot be tested: %v", err)
	}
	t.Cleanup(func() { clearBox(t, box) })
	if prepare != nil {
		prepare(box)
	}
	cmd := exec.Command("sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, box,
		os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), boxVariable+"="+box)
	text, err := cmd.CombinedOutput()
	if err == nil && strings.Contains(string(text), "--- SKIP") {
		t.Skipf("%s", text)
	}
	require.NoError(t, err, "%s", text)
	t.Logf("%s", text)
	return false
}

// clearBox removes a group with all that may be left in it.
func clearBox(t *testing.T, box string) {
	tree := Tree{files: filestest.Kernel{}}
	if populated, _, _ := tree.Populated(box); populated {
		pids, _ := tree.Procs(box)
		t.Errorf("the processes %v were left in %s", pids, box)
		_ = tree.Kill(box)
	}
	until(t, func() bool { return tree.Remove(box) == nil })
}
