package cgroupfs

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/gosv/gosv/procfs"
)

var deviceNumber = regexp.MustCompile(`^[0-9]+:[0-9]+$`)

// FindBlockDevice returns the MAJOR:MINOR of a block device for IOMax. The name is a path
// such as /dev/sda or /dev/disk/by-id/NAME, or MAJOR:MINOR already. The device is looked
// up in /proc/partitions (Documentation/filesystems/proc.rst).
func FindBlockDevice(r procfs.Reader, name string) (string, error) {
	if deviceNumber.MatchString(name) {
		return name, nil
	}
	base := path.Base(name)
	if target, err := r.Readlink(name); err == nil {
		base = path.Base(target)
	}
	const file = "/proc/partitions"
	text, err := r.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("cannot find the block device %s: cannot read %s: %w", name, file, errno(err))
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line) // major minor #blocks name
		if len(fields) == 4 && fields[3] == base && deviceNumber.MatchString(fields[0]+":"+fields[1]) {
			return fields[0] + ":" + fields[1], nil
		}
	}
	return "", fmt.Errorf("cannot find the block device %s: %s does not list it", name, file)
}
