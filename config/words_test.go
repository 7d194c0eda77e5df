package config_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/golden"
)

// The environment of the table in testdata/words.txt.
var wordsEnv = map[string]string{"HOME": "/home/me", "PORT": "8080", "EMPTY": "", "TWO": "one two", "GLOB": "*.go"}

func lookup(name string) (string, bool) {
	value, ok := wordsEnv[name]
	return value, ok
}

// A row of testdata/words.txt is a command line and, indented, its words or
// the error.
func TestWords(t *testing.T) {
	const file = "testdata/words.txt"
	old, err := os.ReadFile(file)
	require.NoError(t, err)
	var fresh strings.Builder
	for line := range strings.Lines(string(old)) {
		switch {
		case strings.HasPrefix(line, "  "): // written anew
		case strings.HasPrefix(line, "run "):
			command := strings.TrimSuffix(strings.TrimPrefix(line, "run "), "\n")
			fmt.Fprintf(&fresh, "%s  %s\n", line, outcome(command))
		default:
			fresh.WriteString(line)
		}
	}
	golden.Equal(t, file, fresh.String())
}

func outcome(command string) string {
	words, err := config.Words(command, lookup)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%q", words)
}

// What one line of a table cannot hold.
func TestWordsInBytes(t *testing.T) {
	for command, want := range map[string]string{
		"":                   "column 1: the command is empty; name a program and its arguments",
		" \t\n":              "column 1: the command is empty; name a program and its arguments",
		"a\x00b":             "column 2: a command line cannot hold a NUL byte",
		"\x00":               "column 1: a command line cannot hold a NUL byte",
		"\xff":               "column 1: byte 0xff is not UTF-8, which is all that can be split here; put the command into a script and run that",
		"one\ntwo":           "column 5: a second command begins here, and gosv runs one; to use it, give the line to a shell: sh -c '...'",
		"one \\\n two":       `["one" "two"]`,
		"cat gr\xf6\xdfe":    "column 7: byte 0xf6 is not UTF-8, which is all that can be split here; put the command into a script and run that",
		"echo größe; rm":     `column 11: ";" ends a command in a shell, and gosv runs one command; quote it to pass it on as it is, or give the line to a shell: sh -c '...'`,
		"echo 'two\nlines'":  `["echo" "two\nlines"]`,
		"echo \"$MISSING\" ": `column 7: variable MISSING is not set; set it, or write ${MISSING:-default}`,
	} {
		assert.Equal(t, want, outcome(command), "%q", command)
	}
}

// Quoted in single quotes, every word comes back as it was.
func TestQuotedWordsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[^\x00\r]{1,12}`)
		want := rapid.SliceOfN(word, 1, 5).Draw(t, "words")
		var quoted []string
		for _, w := range want {
			quoted = append(quoted, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
		}
		got, err := config.Words(strings.Join(quoted, " "), lookup)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func FuzzWords(f *testing.F) {
	for _, seed := range []string{"a b", "a;b", "a | b", "${X:-$(y)}", "~", "a #b", "{a,b}", "'", "\\", "$'x'", "a=1 b", "[[ a ]]", "a\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := config.Words(line, lookup)
		if err == nil {
			require.NotEmpty(t, words)
			require.NotEmpty(t, words[0])
			return
		}
		var refused *config.WordsError
		require.True(t, errors.As(err, &refused), "%v", err)
		require.Positive(t, refused.Column)
		require.LessOrEqual(t, refused.Column, utf8.RuneCountInString(line)+1)
	})
}
