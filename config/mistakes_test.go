package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/golden"
)

// Each file of testdata/mistakes is a table. A row is a line "# title", a
// text, a line "----" and the diagnostics that Load gives for the text.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			old, err := os.ReadFile(file)
			require.NoError(t, err)
			var fresh []string
			for _, row := range strings.Split(string(old), "\n\n# ") {
				title, rest, _ := strings.Cut(strings.TrimPrefix(row, "# "), "\n")
				text, _, found := strings.Cut(rest, "\n----")
				require.True(t, found, "the row %q has no line ----", title)
				fresh = append(fresh, title+"\n"+text+"\n----\n"+diagnose(t, text))
			}
			golden.Equal(t, file, "# "+strings.Join(fresh, "\n# "))
		})
	}
}

func diagnose(t *testing.T, text string) string {
	file, diagnostics := config.Load("services.json", []byte(text))
	require.NotEmpty(t, diagnostics, "no mistake was found in %s", text)
	if config.Failed(diagnostics) {
		assert.Empty(t, file, "a File came out of a text with errors")
	}
	var lines strings.Builder
	for _, d := range diagnostics {
		assert.Equal(t, d.Error(), d.String())
		lines.WriteString(d.String() + "\n")
	}
	return lines.String()
}

// What a readable file cannot hold.
func TestMistakesInBytes(t *testing.T) {
	for _, row := range []struct{ title, text, want string }{
		{"empty", "", `services.json:1:1: the file is empty; the least that it can say is {"services": [{"name": "web", "command": "./web"}]}`},
		{"a UTF-8 byte order mark is skipped", "\ufeff{}", `services.json:1:1: missing key "services" at the top level`},
		{"UTF-16 with a byte order mark", "\xff\xfe{\x00}\x00", "services.json:1:1: the file is UTF-16; save it as UTF-8"},
		{"UTF-16, big-endian, with a byte order mark", "\xfe\xff\x00{\x00}", "services.json:1:1: the file is UTF-16; save it as UTF-8"},
		{"UTF-16 without one", "{\x00\"\x00s\x00", "services.json:1:1: the file is UTF-16; save it as UTF-8"},
		{"UTF-16, big-endian, without one", "\x00{\x00\"\x00s", "services.json:1:1: the file is UTF-16; save it as UTF-8"},
		{"control characters in a message", service("\"\u009b\u202e\": 1"), `services.json:1:45: unknown key "\u009b\u202e" in service "a"`},
		{"control characters in a literal", service("\"dir\": \"\\ud800\u009b31m\""), `services.json:1:52: "dir" in service "a" has half a surrogate pair in "\ud800\u009b31m"; write the character itself`},
		{"Latin-1", "{\n\"gr\xf6\xdfe\": 1}", "services.json:2:4: byte 0xf6 is not UTF-8; save the file as UTF-8"},
		{"Latin-1 in a comment", "// \xe9\n{}", "services.json:1:4: byte 0xe9 is not UTF-8; save the file as UTF-8"},
		{"a NUL between tokens", "{\x00}", `services.json:1:2: invalid character '\u0000' at start of value`},
		{"a NUL in a string", "{\"a\x00\": 1}", `services.json:1:4: invalid character '\x00' in string (expecting non-control character); inside a string write a line break as \n, a tab as \t and a backslash as \\`},
		{"too long", strings.Repeat(" ", config.MaxText+1), "services.json:1:1: the file has more than 8388608 bytes (8 MiB), which is the largest configuration"},
		{"too deep", strings.Repeat("[", config.MaxText), "services.json:1:65: more than 64 brackets are open here; a configuration needs five"},
		{"brackets in strings and comments do not nest", "// " + strings.Repeat("[", 99) + "\n/*" + strings.Repeat("{", 99) + `*/ "\"` + strings.Repeat("[", 99) + `"`,
			"services.json:2:105: the configuration must be an object, not the string \"\\\"" + strings.Repeat("[", 47) + "...\""},
		{"a bracket after strings and comments does", `"\\"/*"*///"` + "\n" + strings.Repeat("[", 65), "services.json:2:65: more than 64 brackets are open here; a configuration needs five"},
		{"an argument for which the kernel has no room", service(`"args": ["` + strings.Repeat("x", 131072) + `"]`),
			`services.json:1:54: args[0] in service "a" has 131072 bytes; the kernel takes at most 131071`},
		{"a variable for which the kernel has no room", service(`"env": {"A": "` + strings.Repeat("x", 131070) + `"}`),
			`services.json:1:58: variable "A" of "env" in service "a" has 131070 bytes; the kernel takes at most 131069`},
		{"a path for which the kernel has no room", service(`"dir": "` + strings.Repeat("/", 4096) + `"`),
			`services.json:1:52: "dir" in service "a" has 4096 bytes; the kernel takes at most 4095`},
		{"carriage returns are blanks", "{\r\n\"services\": 1}", `services.json:2:13: "services" at the top level must be an array of services, not the number 1`},
	} {
		t.Run(row.title, func(t *testing.T) {
			assert.Equal(t, row.want+"\n", diagnose(t, row.text))
		})
	}
}

// service is a file with one service that has one more member.
func service(member string) string {
	return `{"services": [{"name": "a", "command": "x", ` + member + `}]}`
}
