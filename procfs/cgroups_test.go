package procfs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseControllers(t *testing.T) {
	got, err := ParseControllers([]byte("#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t12\t1\nmemory\t0\t1\t0\n"))
	require.NoError(t, err)
	assert.Equal(t, []Controller{{"cpu", 1, true}, {"memory", 0, false}}, got)
	_, err = ParseControllers([]byte("cpu 1 2\n"))
	assert.EqualError(t, err, `the line "cpu 1 2\n" has not four fields`)
	_, err = ParseControllers([]byte("cpu v1 2 1"))
	assert.EqualError(t, err, `the line "cpu v1 2 1" names no hierarchy`)
}

func FuzzParseControllers(f *testing.F) {
	f.Add([]byte("#x\ncpu\t1\t12\t1\nmemory\t0\t1\t0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := ParseControllers(text)
		if err != nil {
			return
		}
		rendered := ""
		for _, c := range first {
			enabled := 0
			if c.Enabled {
				enabled = 1
			}
			rendered += fmt.Sprintf("%s\t%d\t1\t%d\n", c.Name, c.Hierarchy, enabled)
		}
		second, err := ParseControllers([]byte(rendered))
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}
