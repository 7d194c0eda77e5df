package procfs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const rollupText = `563f5bd7c000-7ffe5fa36000 ---p 00000000 00:00 0                          [rollup]
Rss:                1660 kB
Pss:                 375 kB
Pss_Dirty:           108 kB
Shared_Clean:       1444 kB
Private_Clean:       109 kB
Private_Dirty:       108 kB
Anonymous:           110 kB
Swap:                  3 kB
SwapPss:               2 kB
`

func TestParseRollup(t *testing.T) {
	got, err := ParseRollup([]byte(rollupText))
	require.NoError(t, err)
	assert.Equal(t, Rollup{RSS: 1660 << 10, PSS: 375 << 10, PrivateClean: 109 << 10, PrivateDirty: 108 << 10,
		Anonymous: 110 << 10, Swap: 3 << 10, SwapShare: 2 << 10}, got)
	for text, want := range map[string]string{
		"":                     "there is no line \"Rss:\"",
		"Rss: 1 kB\n":          "there is no line \"Pss:\"",
		"Rss: 1\n":             `Rss is " 1": kB are missing`,
		"Rss: 1 kB\nPss: x kB": `Pss is " x kB": strconv.ParseUint: parsing "x": invalid syntax`,
	} {
		_, err := ParseRollup([]byte(text))
		assert.EqualError(t, err, want)
	}
}

func FuzzParseRollup(f *testing.F) {
	f.Add([]byte(rollupText))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := ParseRollup(text)
		if err != nil {
			return
		}
		second, err := ParseRollup(fmt.Appendf(nil, "Rss: %d kB\nPss: %d kB\nPrivate_Clean: %d kB\nPrivate_Dirty: %d kB\nAnonymous: %d kB\nSwap: %d kB\nSwapPss: %d kB\n",
			first.RSS>>10, first.PSS>>10, first.PrivateClean>>10, first.PrivateDirty>>10, first.Anonymous>>10, first.Swap>>10, first.SwapShare>>10))
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}
