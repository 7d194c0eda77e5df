package procfs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseEnviron(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"a kernel thread":             {"", nil},
		"usual":                       {"A=1\x00B=two words\nand a line\x00", []string{"A=1", "B=two words\nand a line"}},
		"torn":                        {"A=1\x00B=tw", []string{"A=1", "B=tw"}},
		"a title was written over it": {"nginx: master\x00\x00\x00\x00A=1\x00", []string{"nginx: master", "A=1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseEnviron([]byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestGetenvTakesTheFirstEntry(t *testing.T) {
	env := []string{"XA=0", "A", "A=1=2", "A=3", "E="}
	value, ok := Getenv(env, "A")
	assert.True(t, ok)
	assert.Equal(t, "1=2", value)
	value, ok = Getenv(env, "E")
	assert.True(t, ok)
	assert.Empty(t, value)
	_, ok = Getenv(env, "a")
	assert.False(t, ok)
}

func TestParseCmdline(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"a zombie":              {"", nil},
		"usual":                 {"sh\x00-c\x00echo a; b\x00", []string{"sh", "-c", "echo a; b"}},
		"an empty last one":     {"sh\x00\x00", []string{"sh", ""}},
		"one empty argument":    {"\x00", []string{""}},
		"a title without a NUL": {"nginx: worker process", []string{"nginx: worker process"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseCmdline([]byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func FuzzStrings(f *testing.F) {
	f.Add([]byte("sh\x00\x00-c"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, parse := range []func([]byte) ([]string, error){ParseEnviron, ParseCmdline} {
			first, err := parse(text)
			require.NoError(t, err)
			rendered := ""
			if len(first) > 0 {
				rendered = strings.Join(first, "\x00") + "\x00"
			}
			second, err := parse([]byte(rendered))
			require.NoError(t, err)
			require.Equal(t, first, second)
		}
	})
}
