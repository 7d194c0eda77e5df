package difftest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/tools/difftest"
)

func TestASequenceIsText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seq := difftest.Generator(rapid.Bool().Draw(rt, "cgroups")).Draw(rt, "sequence")
		again, err := difftest.Parse(seq.String() + "\n# a remark\n")
		require.NoError(rt, err)
		assert.Equal(rt, seq, again)
	})
}

func TestWithoutCgroupsTheirOperationsLeaveTheAlphabet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seq := difftest.Generator(false).Draw(rt, "sequence")
		assert.False(rt, seq.NeedsCgroups(), "%s", seq)
	})
}

func TestABadSequenceIsRefusedAtItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"spawn exits\ndance": `line 2: there is no operation "dance"`,
		"\nsignal p1":        "line 2: signal takes 2 operands, not 1",
	} {
		_, err := difftest.Parse(text)
		assert.ErrorContains(t, err, want)
	}
}

func TestABadLedgerIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"a.sequence\nkernel: x\nfake: y\n": "paragraph 1 of the ledger: it takes",
		"a.sequence\nkernel: (\n":          "missing closing",
		"\n\na.sequence\nnoise: x\n":       "paragraph 2 of the ledger: there is no line \"noise\"",
	} {
		_, err := difftest.ParseLedger(text)
		assert.ErrorContains(t, err, want)
	}
}
