package linux_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/sys/linux"
)

const smaps = `00400000-0076c000 r-xp 00000000 fe:00 1312 /a/b c
Size:                100 kB
Anonymous:             0 kB
0076c000-0076d000 r--p 0036c000 fe:00 1312 /a/b c
Anonymous:             8 kB
0076d000-0076e000 r--p 0036d000 fe:00 1312 /a/b c
Anonymous:             0 kB
00770000-00771000 rw-p 00370000 fe:00 1312 /a/b c
Anonymous:             0 kB
7ffc00000000-7ffc00021000 r--p 00000000 00:00 0
Anonymous:             0 kB
7fff00000000-7fff00001000 r-xp 00000000 fe:00 99 /lib/other
Anonymous:             0 kB
`

// A relocated page of a position-independent program differs from the file: the program
// crashes if it is replaced by the file's.
func TestOnlyCleanMappingsOfTheProgramAreReleased(t *testing.T) {
	assert.Equal(t, [][2]uintptr{{0x400000, 0x76c000}, {0x76d000, 0x76e000}}, linux.CleanMappings(smaps, "/a/b c"))
	assert.Empty(t, linux.CleanMappings(smaps, "/a/b"))
}

func TestAProgramRunsOnAfterItsPagesAreReleased(t *testing.T) {
	linux.ReleaseProgramPages()
	k := newKernel(t)
	assert.Equal(t, "alive", text(t, k, "echo alive"))
}
