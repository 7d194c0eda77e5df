package supervisor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/procfs"
)

func TestSizesForPeople(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0 KiB", 10<<20 - 1: "10239 KiB", 10 << 20: "10 MiB", 10<<30 - 1: "10239 MiB", 10 << 30: "10 GiB",
	} {
		assert.Equal(t, want, size(bytes))
	}
}

func TestMappingsAreSummedForPeople(t *testing.T) {
	mapped := func(n int) procfs.Report {
		r := procfs.Report{}
		for range n {
			r.Mapped = append(r.Mapped, procfs.MapSummary{Path: procfs.Anonymous, Size: 4096, Count: 2})
		}
		return r
	}
	const anonymous = "           4 KiB in   2  [anonymous]\n"
	for _, c := range []struct {
		n    int
		maps bool
		want string
	}{
		{0, false, ""},
		{8, false, "    memory maps:\n" + strings.Repeat(anonymous, 8)},
		{10, false, "    memory maps:\n" + strings.Repeat(anonymous, 8) + "      and 2 more\n"},
		{10, true, "    memory maps:\n" + strings.Repeat(anonymous, 10)},
	} {
		d := &dumpTask{maps: c.maps}
		d.mappings(mapped(c.n))
		assert.Equal(t, c.want, d.b.String())
	}
}

// What a program calls itself does not steer the terminal of who reads a dump.
func TestTextOfAProgramShowsItselfOnly(t *testing.T) {
	for text, want := range map[string]string{"/srv/naïve 世界": "/srv/naïve 世界", "two\nlines": `"two\nlines"`, "\x1b[2J": `"\x1b[2J"`, "\xff": `"\xff"`} {
		assert.Equal(t, want, printable(text))
	}
}
