package fakesys_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// Every attribute of a request can fail, and only those that it has.
func TestSpawnFaultsReachEveryAttribute(t *testing.T) {
	failed := func(a sys.Attributes) map[sys.Step]bool {
		steps := map[sys.Step]bool{}
		for seed := range uint64(300) {
			m := newMachine(t, fakesys.Options{Choices: fakesys.FromSeed(seed), Faults: &fakesys.Faults{Spawn: 1}})
			r := m.request("exit 0")
			r.Attributes = a
			var fail *sys.SpawnError
			require.ErrorAs(t, m.result(r).Err, &fail)
			steps[fail.Step] = true
		}
		return steps
	}
	attributes := []sys.Step{sys.StepSetsid, sys.StepNice, sys.StepOOMScoreAdj, sys.StepRlimit, sys.StepGroups, sys.StepGID, sys.StepUID, sys.StepNoNewPrivs}
	none, all := failed(sys.Attributes{}), failed(sys.Attributes{
		Setsid: true, Nice: new(1), OOMScoreAdj: new(1), Rlimits: []sys.Rlimit{{}}, Umask: new(0), Credential: &sys.Credential{UID: 1}, NoNewPrivs: true,
	})
	for _, step := range attributes {
		assert.False(t, none[step], "%s without the attribute", step)
		assert.True(t, all[step], "%s", step)
	}
}
