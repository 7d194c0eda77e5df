package linux

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// resident sums what is mapped of the program's own file, in KiB.
func resident(t *testing.T) (kib int) {
	t.Helper()
	program, err := os.Readlink("/proc/self/exe")
	require.NoError(t, err)
	text, err := os.ReadFile("/proc/self/smaps")
	require.NoError(t, err)
	ours := false
	for line := range strings.Lines(string(text)) {
		if m, ok := parseMapping(line); ok {
			ours = m.path == program && !strings.Contains(m.mode, "w")
		} else if size, is := strings.CutPrefix(line, "Rss:"); is && ours {
			n, err := strconv.Atoi(strings.Fields(size)[0])
			require.NoError(t, err)
			kib += n
		}
	}
	return kib
}

func TestTidyGivesThePagesOfTheProgramBack(t *testing.T) {
	before := resident(t)
	Tidy()
	after := resident(t)
	t.Logf("%d KiB of the program are resident, %d after", before, after)
	assert.Less(t, after, before)
}

func TestParseMapping(t *testing.T) {
	m, ok := parseMapping("00400000-0076c000 r-xp 00000000 fe:00 1312 /a/b c\n")
	assert.True(t, ok)
	assert.Equal(t, mapping{0x400000, 0x76c000, "r-xp", "/a/b c"}, m)
	for _, line := range []string{"", "Rss: 12 kB", "7ffc0-7ffd0 rw-p 0 00:00 0", "x-y r-xp 0 0 0 /a", "1-y r-xp 0 0 0 /a", "2-1 r-xp 0 0 0 /a"} {
		_, ok := parseMapping(line)
		assert.False(t, ok, line)
	}
}
