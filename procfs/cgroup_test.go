package procfs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseCgroup(t *testing.T) {
	tests := map[string]struct {
		text string
		want []Cgroup
	}{
		"nothing": {"", []Cgroup{}},
		"v2 only": {"0::/user.slice/user-1000.slice/a:b.scope\n", []Cgroup{{Path: "/user.slice/user-1000.slice/a:b.scope"}}},
		"hybrid": {"5:cpu,cpuacct:/\n1:name=systemd:/init.scope\n0::/init.scope\n",
			[]Cgroup{{5, "cpu,cpuacct", "/"}, {1, "name=systemd", "/init.scope"}, {0, "", "/init.scope"}}},
		"a removed one":         {"0::/gone (deleted)\n", []Cgroup{{Path: "/gone (deleted)"}}},
		"outside the namespace": {"0::/../other\n", []Cgroup{{Path: "/../other"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseCgroup([]byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
	for text, want := range map[string]string{
		"0:":            `the line "0:" is not number:controllers:/path`,
		"0::":           `the line "0::" is not number:controllers:/path`,
		"0::relative\n": `the line "0::relative" is not number:controllers:/path`,
		"x::/":          `the line "x::/" does not begin with a number`,
	} {
		_, err := ParseCgroup([]byte(text))
		assert.EqualError(t, err, want)
	}
}

func TestUnified(t *testing.T) {
	path, ok := Unified([]Cgroup{{5, "cpu", "/a"}, {0, "", "/b"}})
	assert.True(t, ok)
	assert.Equal(t, "/b", path)
	_, ok = Unified([]Cgroup{{5, "cpu", "/a"}})
	assert.False(t, ok)
}

func FuzzParseCgroup(f *testing.F) {
	f.Add([]byte("5:cpu,cpuacct:/\n0::/a:b (deleted)\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := ParseCgroup(text)
		if err != nil {
			return
		}
		rendered := ""
		for _, g := range first {
			rendered += fmt.Sprintf("%d:%s:%s\n", g.Hierarchy, g.Controllers, g.Path)
		}
		second, err := ParseCgroup([]byte(rendered))
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}
