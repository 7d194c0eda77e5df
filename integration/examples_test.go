package integration

import (
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos/report"
)

const examples = "../examples"

// gosv check finds nothing in the examples except missing controllers.
func TestExamplesPassCheck(t *testing.T) {
	t.Parallel()
	needsPython(t)
	found := 0
	require.NoError(t, filepath.WalkDir(examples, func(name string, _ fs.DirEntry, err error) error {
		if filepath.Base(name) != "services.json" {
			return err
		}
		found++
		full, err := filepath.Abs(name)
		require.NoError(t, err)
		g := launch{args: []string{"check", full}}.start(t)
		assert.Zero(t, g.status(), name)
		for line := range strings.Lines(g.stderr()) {
			assert.Contains(t, line, " is not in force: ", name)
		}
		return nil
	}))
	assert.GreaterOrEqual(t, found, 2)
}

// The ten services of the shop recover from every fault, and the one that opted out is
// not touched.
func TestShopPassesChaos(t *testing.T) {
	long(t)
	t.Parallel()
	needsPython(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "report.json")
	g := startChaos(t, "--config="+shop(t), "--seed=32", "--duration=5s", "--kill-rate=0.4",
		"--faults=kill,signal,kill-member,kill-group,stop", "--slack=5s", "--report=json="+file)
	if !assert.Zero(t, g.status(), "%s%s", g.stdout(), g.stderr()) {
		return
	}
	r, err := report.DecodeJSON([]byte(contents(t, file)))
	require.NoError(t, err)
	assert.Greater(t, r.Injected, 5)
	for _, s := range r.Recoveries {
		assert.NotEqual(t, "ledger", s.Service)
	}
}

// shop is a copy of the shop with free ports.
func shop(t *testing.T) (config string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(examples)))
	config = filepath.Join(dir, "shop", "services.json")
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	ports := regexp.MustCompile(`\b808\d\b`)
	require.Len(t, ports.FindAll(text, -1), 4)
	text = ports.ReplaceAllFunc(text, func([]byte) []byte {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		return []byte(port)
	})
	require.NoError(t, os.WriteFile(config, text, 0o600))
	return config
}

func needsPython(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the examples need python3, which this machine does not have")
	}
}
