package procfs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// Mount is one line of /proc/PID/mountinfo.
type Mount struct {
	ID, Parent   int
	Device       string // major:minor
	Root         string // the directory of the file system that is mounted here
	Point        string // where, below the root of the process
	Options      []string
	Tags         []string // shared:1 and the like
	Type         string   // ext4, cgroup2, fuse.sshfs
	Source       string
	SuperOptions []string // of the file system; for cgroup v1 these name the controllers
}

// ReadMountInfo reads /proc/PID/mountinfo.
func ReadMountInfo(f sys.FileReader, pid int) ([]Mount, error) {
	return read(f, pid, "mountinfo", ParseMountInfo)
}

// ParseMountInfo reads lines as in proc_pid_mountinfo(5):
//
//	36 35 98:0 /mnt1 /mnt\0402 rw,noatime master:1 - ext3 /dev/root rw
//
// White space, "#" and "\" in a field are octal escapes there.
func ParseMountInfo(text []byte) ([]Mount, error) {
	var mounts []Mount
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		m, ok := parseMount(line)
		if !ok {
			return nil, fmt.Errorf("the line %q is no mount", line)
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}

func parseMount(line string) (m Mount, ok bool) {
	words := strings.Split(line, " ")
	dash := 6
	for dash < len(words) && words[dash] != "-" {
		dash++
	}
	if dash+4 > len(words) {
		return m, false
	}
	var err1, err2 error
	m.ID, err1 = strconv.Atoi(words[0])
	m.Parent, err2 = strconv.Atoi(words[1])
	m.Device = words[2]
	m.Root, m.Point = unescapeOctal(words[3]), unescapeOctal(words[4])
	m.Options = strings.Split(words[5], ",")
	if dash > 6 {
		m.Tags = words[6:dash]
	}
	m.Type, m.Source = unescapeOctal(words[dash+1]), unescapeOctal(words[dash+2])
	m.SuperOptions = strings.Split(words[dash+3], ",")
	return m, err1 == nil && err2 == nil
}

// unescapeOctal undoes mangle of fs/seq_file.c: `\040` is a space.
func unescapeOctal(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
