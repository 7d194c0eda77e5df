package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
)

func loadFile(t *testing.T, path string) (config.File, []config.Diagnostic) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return config.Load(path, text)
}

// The configuration of the first issue.
func TestLoadIssue(t *testing.T) {
	got, diagnostics := loadFile(t, "testdata/issue.json")
	require.Empty(t, diagnostics)
	backoff := config.Backoff{Initial: time.Second, Factor: 2, Max: time.Minute, ResetAfter: time.Minute}
	want := config.File{
		Cgroup: "auto", LineMax: 65536,
		Services: []config.Service{
			{
				Name: "web", Command: "python3", Args: []string{"-m", "http.server", "8080"},
				Restart: "always", MaxRestarts: 5, Backoff: backoff,
				StopSignal: syscall.SIGTERM, StopTimeout: 10 * time.Second, StartTimeout: 30 * time.Second,
				Limits: config.Limits{MemoryMax: 268435456, CPUPercent: 50},
			},
			{
				Name: "worker", Command: "/usr/bin/node", Args: []string{"worker.js"},
				Restart: "always", MaxRestarts: 10, Backoff: backoff,
				StopSignal: syscall.SIGTERM, StopTimeout: 10 * time.Second, StartTimeout: 30 * time.Second,
			},
		},
	}
	assert.Empty(t, cmp.Diff(want, got))
}

func TestLoadEverything(t *testing.T) {
	got, diagnostics := loadFile(t, "testdata/everything.json")
	require.Len(t, diagnostics, 2, "a factor and a jitter of nothing")
	require.False(t, config.Failed(diagnostics))
	plain := config.NewService("plain", "sleep")
	plain.Backoff.Max = 5 * time.Second
	want := config.File{
		Cgroup: config.CgroupRequire, LineMax: 1 << 20, Socket: "run/gosv.sock", SocketGroup: "adm",
		Services: []config.Service{
			{
				Name: "every.thing@1", Command: "./bin/größe",
				Args: []string{"", "two words", "€", "http://x//y", "/* no comment */"},
				Dir:  "srv", Env: map[string]string{"EMPTY": "", "PORT": "8080"},
				Restart: config.RestartOnFailure, MaxRestarts: config.Unlimited,
				Backoff:    config.Backoff{Initial: 0, Factor: 1.5, Max: 90 * time.Second, Jitter: 0.25, ResetAfter: time.Hour},
				StopSignal: syscall.SIGINT, StopTimeout: 0, StartTimeout: 1500 * time.Millisecond,
				Limits: config.Limits{MemoryMax: 1 << 50, MemoryHigh: 1 << 50, CPUPercent: 409600, CPUWeight: 10000, PidsMax: 4194304},
				Spared: true,
			},
			plain,
		},
	}
	assert.Empty(t, cmp.Diff(want, got))
	requireComesBack(t, got)
}

// requireComesBack writes a File and loads it again.
func requireComesBack(t *testing.T, file config.File) {
	text, err := json.Marshal(file)
	require.NoError(t, err)
	again, diagnostics := config.Load("again.json", text)
	require.False(t, config.Failed(diagnostics), "%v\n%s", diagnostics, text)
	require.Empty(t, cmp.Diff(file, again))
}

func TestMarshalRefusesWhatNoTextCanSay(t *testing.T) {
	file := config.File{Cgroup: config.CgroupAuto, LineMax: 1500, Services: []config.Service{config.NewService("a", "x")}}
	_, err := json.Marshal(file)
	assert.ErrorContains(t, err, "cannot write line_max: 1500 bytes are no whole number of KiB")
	file.LineMax = config.DefaultLineMax
	file.Services[0].Limits.MemoryMax = 1
	_, err = json.Marshal(file)
	assert.ErrorContains(t, err, `cannot write the memory limits of service "a": they are no whole number of MiB`)
	odd := int64(1)
	for _, limits := range []config.Limits{{MemoryMax: 1 << 20, MemoryHigh: 1}, {MemorySwap: &odd}} {
		file.Services[0].Limits = limits
		_, err = json.Marshal(file)
		assert.ErrorContains(t, err, "no whole number of MiB")
	}
}

// What is at a bound is within it, and what is left out has no effect on it.
func TestLoadAtTheBounds(t *testing.T) {
	for _, member := range []string{`"memory_high_mb": 100`, `"memory_swap_mb": 0`, `"memory_swap_mb": -1`, `"memory_mb": 1, "memory_swap_mb": 7`, `"memory_mb": 100, "memory_high_mb": 100`, `"backoff": {"initial": "1m", "max": "1m"}`, `"backoff": {"initial": "0s"}`} {
		file, diagnostics := config.Load("services.json", []byte(service(member)))
		require.Empty(t, diagnostics, member)
		text, err := json.Marshal(file)
		require.NoError(t, err, member)
		again, diagnostics := config.Load("again.json", text)
		require.Empty(t, diagnostics, "%s", text)
		require.Empty(t, cmp.Diff(file, again))
	}
}

func TestACommandMayBeAnArray(t *testing.T) {
	file, diagnostics := config.Load("services.json", []byte(`{"services": [{"name": "a", "command": ["sh", "-c", "", "two words"]}, {"name": "b", "command": "x"}, {"name": "c", "command": ["y"]}]}`))
	require.Empty(t, diagnostics)
	assert.Equal(t, "sh", file.Services[0].Command)
	assert.Equal(t, []string{"-c", "", "two words"}, file.Services[0].Args)
	assert.Empty(t, file.Services[1].Args, "the next service has nothing of it")
	requireComesBack(t, file)
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{"größe": "größe", "a\x1b[31m\nb": `a\x1b[31m\nb`, "\xff\u009b": `\xff\u009b`, "\ufffd": "\ufffd", "": ""} {
		assert.Equal(t, want, config.Printable(text))
	}
}

// A file may be long: only brackets that are open at once are deep.
func TestLoadManyServices(t *testing.T) {
	var services []string
	for i := range 100 {
		services = append(services, fmt.Sprintf(`{"name": "s%d", "command": "x", "args": []}`, i))
	}
	file, diagnostics := config.Load("services.json", []byte(`{"services": [`+strings.Join(services, ",")+`]}`))
	require.Empty(t, diagnostics)
	assert.Len(t, file.Services, 100)
}

// Ten thousand mistakes in one line are all found, each at its own column.
func TestManyMistakesInOneLine(t *testing.T) {
	const mistakes = 10_000
	text := `{"services": [` + strings.Repeat(`"ü",`, mistakes) + `]}`
	_, diagnostics := config.Load("services.json", []byte(text))
	require.Len(t, diagnostics, mistakes)
	assert.Equal(t, 15, diagnostics[0].Column)
	assert.Equal(t, 15+4*(mistakes-1), diagnostics[mistakes-1].Column)
}

// addTexts seeds a fuzz test with every text of testdata.
func addTexts(f *testing.F) {
	for _, pattern := range []string{"testdata/*.json", "testdata/mistakes/*.txt"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(f, err)
			for _, row := range strings.Split(string(text), "\n\n# ") {
				_, rest, isRow := strings.Cut(row, "\n")
				body, _, isTable := strings.Cut(rest, "\n----")
				if isRow && isTable {
					f.Add([]byte(body))
				} else {
					f.Add(text)
				}
			}
		}
	}
}

// Load never panics, places every mistake inside the text, in order, and what
// it accepts it gives back.
func FuzzLoad(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		file, diagnostics := config.Load("services.json", text)
		lines := strings.Split(string(text), "\n")
		before := config.Diagnostic{Line: 1, Column: 1}
		for _, d := range diagnostics {
			require.True(t, d.Line > before.Line || d.Line == before.Line && d.Column >= before.Column, "%v is out of order", d)
			require.LessOrEqual(t, d.Line, len(lines), d)
			require.LessOrEqual(t, d.Column, utf8.RuneCountInString(lines[d.Line-1])+1, d)
			require.NotEmpty(t, d.Message)
			before = d
		}
		if config.Failed(diagnostics) {
			require.Empty(t, file)
			return
		}
		require.NotEmpty(t, file.Services)
		requireComesBack(t, file)
	})
}

// The example that README.md names is right, without a warning.
func TestExampleFile(t *testing.T) {
	file, diagnostics := loadFile(t, "../examples/services.json")
	require.Empty(t, diagnostics)
	require.Len(t, file.Services, 2)
	assert.Equal(t, []string{"server.py", "8080"}, file.Services[0].Args)
}
