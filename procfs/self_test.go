package procfs

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/internal/filestest"
)

func TestCheckSelf(t *testing.T) {
	const file = "/proc/self/stat"
	m := filestest.NewMap(map[string]string{file: renderStat(Stat{Pid: 85, Comm: "gosv", State: 'S', Threads: 1})})
	assert.NoError(t, CheckSelf(m, 85))

	err := CheckSelf(m, 2)
	assert.ErrorIs(t, err, ErrForeign)
	assert.EqualError(t, err, "/proc does not show this machine's processes: it shows another PID namespace, where this process is PID 85 and not 2")

	m.Fail["read "+file] = syscall.EMFILE
	err = CheckSelf(m, 2)
	assert.ErrorIs(t, err, syscall.EMFILE)
	assert.NotErrorIs(t, err, ErrForeign, "it may show them the next time")

	m.Fail["read "+file] = syscall.ENOENT
	assert.EqualError(t, CheckSelf(m, 85), "/proc does not show this machine's processes: it is not mounted")

	m = filestest.NewMap(map[string]string{file: "no stat"})
	assert.ErrorContains(t, CheckSelf(m, 85), "cannot understand /proc/self/stat")
}
