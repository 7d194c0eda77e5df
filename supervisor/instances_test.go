package supervisor

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/sys"
)

// Another process reaped a main process, and its PID was reused by another service
// before gosv noticed.
func TestALostExitDoesNotForgetTheNextProcessWithItsPID(t *testing.T) {
	table := newInstances(nil, 2)
	lost, next := table.make(&service{}), table.make(&service{})
	table.request(lost)
	table.spawned(lost, sys.Child{Pid: 12, Handle: 3})
	table.request(next)
	table.spawned(next, sys.Child{Pid: 12, Handle: 4})
	table.reaped(lost)
	assert.Same(t, next, table.byPID[12])
	table.forget(lost)
	assert.Same(t, next, table.byPID[12])
	table.forget(next)
	assert.Empty(t, table.byPID)
	assert.Empty(t, table.byID)
	assert.Empty(t, table.byHandle)
}
