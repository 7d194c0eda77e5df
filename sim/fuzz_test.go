package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
)

// FuzzDecisions spends a byte on each choice: the first takes a scenario of the
// library, or 0 a generated one, the others make it and decide its run. It keeps
// what reaches new code, and plays what testdata/fuzz has in every test.
func FuzzDecisions(f *testing.F) {
	library := Library()
	f.Add([]byte{})
	for i := range library {
		f.Add([]byte{byte(i + 1), 1, 0, 1, 0, 0, 2, 1})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		choices := fakesys.FromBytes(data)
		var s Scenario
		if i := choices.Choose("scenario", 1+len(library)); i == 0 {
			s = Generate(choices)
		} else {
			var err error
			s, err = Plan{Library: library[i-1].Name + "+order+late"}.Scenario()
			require.NoError(t, err)
		}
		if r, report := RecordScenario(s, choices); report.Failed() {
			failed(t, r)
		}
	})
}
