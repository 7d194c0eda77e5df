package procfs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseMountInfo(t *testing.T) {
	tests := map[string]struct {
		text string
		want Mount
	}{
		"cgroup2": {"38 31 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
			Mount{38, 31, "0:29", "/", "/sys/fs/cgroup", []string{"rw", "nosuid"}, []string{"shared:9"}, "cgroup2", "cgroup2", []string{"rw", "nsdelegate"}}},
		"no tags": {"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
			Mount{31, 23, "0:28", "/", "/sys/fs/cgroup", []string{"rw"}, nil, "tmpfs", "tmpfs", []string{"rw", "mode=755"}}},
		"several tags and escapes": {`36 35 98:0 /mnt\0401 /mnt\0112\134 rw master:1 propagate_from:2 - ext3 /dev/ro\012ot\043 rw`,
			Mount{36, 35, "98:0", "/mnt 1", "/mnt\t2\\", []string{"rw"}, []string{"master:1", "propagate_from:2"}, "ext3", "/dev/ro\not#", []string{"rw"}}},
		"a backslash that is no escape": {`1 2 0:1 /\09 /\ rw - t s\4 rw`,
			Mount{1, 2, "0:1", `/\09`, `/\`, []string{"rw"}, nil, "t", `s\4`, []string{"rw"}}},
		"an empty source": {"1 2 0:1 / / rw - tmpfs  rw",
			Mount{1, 2, "0:1", "/", "/", []string{"rw"}, nil, "tmpfs", "", []string{"rw"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseMountInfo([]byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, []Mount{tt.want}, got)
		})
	}
	for _, text := range []string{"x", "1 2 0:1 / / rw", "1 2 0:1 / / rw - ext4 dev", "one 2 0:1 / / rw - t s rw", "1 2 0:1 / / rw a b c\n"} {
		_, err := ParseMountInfo([]byte(text))
		assert.EqualError(t, err, fmt.Sprintf("the line %q is no mount", strings.TrimSuffix(text, "\n")))
	}
}

func FuzzParseMountInfo(f *testing.F) {
	f.Add([]byte("38 31 0:29 / /sys/fs/cg\\040roup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"))
	escape := strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`)
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := ParseMountInfo(text)
		if err != nil {
			return
		}
		var rendered strings.Builder
		for _, m := range first {
			tags := ""
			for _, tag := range m.Tags {
				tags += " " + tag
			}
			fmt.Fprintf(&rendered, "%d %d %s %s %s %s%s - %s %s %s\n", m.ID, m.Parent, m.Device, escape.Replace(m.Root), escape.Replace(m.Point),
				strings.Join(m.Options, ","), tags, escape.Replace(m.Type), escape.Replace(m.Source), strings.Join(m.SuperOptions, ","))
		}
		second, err := ParseMountInfo([]byte(rendered.String()))
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}
