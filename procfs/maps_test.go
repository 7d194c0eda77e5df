package procfs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mapsText = `00400000-00452000 r-xp 00001000 08:02 173521                             /usr/bin/my daemon (deleted)
00e03000-00e24000 rw-p 00000000 00:00 0                                  [heap]
7f0000000000-7f0000021000 rw-p 00000000 00:00 0 
7f0000021000-7f0004000000 ---p 00000000 00:00 0
7ffe00000000-7ffe00001000 rw-s 00000000 00:01 7                          /memfd:x\012y (deleted)
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`

func TestParseMaps(t *testing.T) {
	got, err := ParseMaps([]byte(mapsText))
	require.NoError(t, err)
	assert.Equal(t, []Mapping{
		{0x400000, 0x452000, "r-xp", 0x1000, "08:02", 173521, "/usr/bin/my daemon (deleted)"},
		{0xe03000, 0xe24000, "rw-p", 0, "00:00", 0, "[heap]"},
		{0x7f0000000000, 0x7f0000021000, "rw-p", 0, "00:00", 0, ""},
		{0x7f0000021000, 0x7f0004000000, "---p", 0, "00:00", 0, ""},
		{0x7ffe00000000, 0x7ffe00001000, "rw-s", 0, "00:01", 7, `/memfd:x\012y (deleted)`},
		{0xffffffffff600000, 0xffffffffff601000, "--xp", 0, "00:00", 0, "[vsyscall]"},
	}, got)
	for _, line := range []string{"x", "1-2 r-xp 0 0:0", "2-1 r-xp 0 0:0 0", "2-2 r-xp 0 0:0 0", "1 r-xp 0 0:0 0", "1-2 rx 0 0:0 0", "1-2 r-xp zero 0:0 0", "1-2 r-xp 0 0:0 a"} {
		_, err := ParseMaps([]byte(line + "\n"))
		assert.EqualError(t, err, fmt.Sprintf("the line %q is no mapping", line))
	}
	zombie, err := ParseMaps(nil)
	require.NoError(t, err)
	assert.Empty(t, zombie)
}

func TestSummarizeMapsAddsUpByPath(t *testing.T) {
	got := SummarizeMaps([]Mapping{{Start: 0, End: 4, Path: "/b"}, {Start: 4, End: 6}, {Start: 6, End: 10, Path: "/a"}, {Start: 10, End: 20}, {Start: 20, End: 21, Path: "/b"}})
	assert.Equal(t, []MapSummary{{Anonymous, 12, 2}, {"/b", 5, 2}, {"/a", 4, 1}}, got)
}

func FuzzParseMaps(f *testing.F) {
	f.Add([]byte(mapsText))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := ParseMaps(text)
		if err != nil {
			return
		}
		var rendered strings.Builder
		for _, m := range first {
			fmt.Fprintf(&rendered, "%08x-%08x %s %08x %s %d    %s\n", m.Start, m.End, m.Perms, m.Offset, m.Device, m.Inode, m.Path)
		}
		second, err := ParseMaps([]byte(rendered.String()))
		require.NoError(t, err)
		require.Equal(t, first, second)
		SummarizeMaps(first)
	})
}
