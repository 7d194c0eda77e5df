package linux_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/mainthread"
)

// Some facts need a process of their own. A test then runs this binary again
// with the name of a part in the environment; the part prints what it saw.
const partVar = "GOSV_LINUX_TEST_PART"

var parts = map[string]func(){}

func TestMain(m *testing.M) {
	if name := os.Getenv(partVar); name != "" {
		parts[name]()
		os.Exit(0)
	}
	os.Exit(mainthread.Run(m.Run))
}

// runPart runs a part, below sh if a prefix such as "ulimit -n 64;" is given.
func runPart(t *testing.T, name, prefix string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", prefix+` exec "$0"`, os.Args[0])
	cmd.Env = append(os.Environ(), partVar+"="+name)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.TrimSpace(string(out))
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
