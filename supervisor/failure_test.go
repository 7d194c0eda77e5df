package supervisor

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/sys"
)

// Whose fault a failed start is, and the exit status that gosv --run ends with.
func TestStartFailure(t *testing.T) {
	svc := &service{conf: config.NewService("web", "/svc/web")}
	for _, c := range []struct {
		step    sys.Step
		errno   syscall.Errno
		machine bool
		code    int
	}{
		{sys.StepLookup, syscall.ENOENT, false, 127},
		{sys.StepExec, syscall.ENOENT, false, 127},
		{sys.StepChdir, syscall.ENOENT, false, 126},
		{sys.StepExec, syscall.EACCES, false, 126},
		{sys.StepExec, syscall.E2BIG, false, 126},
		{sys.StepExec, syscall.ETXTBSY, true, 126},
		{sys.StepExec, syscall.ENOMEM, true, 126},
		{sys.StepLookup, syscall.EIO, true, 126},
		{sys.StepChdir, syscall.EIO, true, 126},
		{sys.StepPrepare, syscall.EMFILE, true, 126},
		{sys.StepPrepare, syscall.EPERM, true, 126},
		{sys.StepCgroup, syscall.EOPNOTSUPP, true, 126},
		{sys.StepFork, syscall.EPERM, true, 126},
	} {
		ev := startFailure(svc, &sys.SpawnError{Step: c.step, Err: c.errno})
		assert.Equal(t, c.machine, ev.Machine, "%v %v", c.step, c.errno)
		assert.Equal(t, c.code, ev.Outcome.Code, "%v %v", c.step, c.errno)
	}
}
