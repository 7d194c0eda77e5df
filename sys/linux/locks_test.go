package linux

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"
)

const lockTable = `1: POSIX  ADVISORY  WRITE 11 00:1a:7 0 EOF
2: FLOCK  ADVISORY  WRITE 4711 00:1a:8 0 EOF
2: -> FLOCK  ADVISORY  WRITE 12 00:1a:7 0 EOF
3: FLOCK  ADVISORY  READ 13 103:02:7 0 EOF
4: FLOCK  ADVISORY  WRITE -1 00:1a:9 0 EOF
5: FLOCK
`

func TestTheLockerIsFoundByTheInode(t *testing.T) {
	for inode, pid := range map[string]int{"00:1a:8": 4711, "103:02:7": 13, "00:1a:7": 0, "00:1a:9": 0, "00:1a:10": 0} {
		assert.Equal(t, pid, lockerIn([]byte(lockTable), inode), inode)
	}
	assert.Equal(t, "00:1a:7", inode(unix.Mkdev(0, 0x1a), 7))
	assert.Equal(t, "103:02:7", inode(unix.Mkdev(0x103, 2), 7), "two digits at least")
}

func FuzzLockerIn(f *testing.F) {
	f.Add([]byte(lockTable))
	f.Fuzz(func(t *testing.T, table []byte) {
		assert.GreaterOrEqual(t, lockerIn(table, "00:1a:8"), 0)
	})
}
