package cgroupfs

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/filestest"
)

func TestFindBlockDevice(t *testing.T) {
	m := filestest.NewMap(map[string]string{"/proc/partitions": "major minor  #blocks  name\n\n   8        0  976762584 sda\n   8        1     524288 sda1\n 259       12    1048576 nvme0n1\n"})
	m.Links["/dev/disk/by-id/x"] = "../../nvme0n1"
	for name, want := range map[string]string{"/dev/sda": "8:0", "/dev/sda1": "8:1", "/dev/disk/by-id/x": "259:12", "7:3": "7:3"} {
		got, err := FindBlockDevice(m, name)
		require.NoError(t, err, name)
		assert.Equal(t, want, got)
	}
	_, err := FindBlockDevice(m, "/dev/sd")
	assert.EqualError(t, err, "cannot find the block device /dev/sd: /proc/partitions does not list it")
	m.Fail["read /proc/partitions"] = syscall.EACCES
	_, err = FindBlockDevice(m, "/dev/sda")
	assert.EqualError(t, err, "cannot find the block device /dev/sda: cannot read /proc/partitions: permission denied")
}
