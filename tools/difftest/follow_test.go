package difftest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/tools/difftest"
)

// anyOrder is a kernel whose simultaneous events come in an order of their own.
type anyOrder struct{ fakesys.Choices }

func (o anyOrder) Choose(label string, n int) int {
	if label != "next event" {
		return 0
	}
	return o.Choices.Choose(label, n)
}

// A fake that goes its own way stands in for the kernel here: whatever order it
// takes, the other finds it.
func TestTheFakeFollowsTheBranchThatTheKernelTook(t *testing.T) {
	seq, err := difftest.Parse("mkdir a\nspawn leaves in a\nspawn crowd in a\nspawn zombies in a\n" +
		"write a/cgroup.kill 1\nreaporphan\nreaporphan\nreaporphan\nreaporphan")
	require.NoError(t, err)
	m := &machine{root: "/sys/fs/cgroup/systest"}
	followed := 0
	for seed := range uint64(12) {
		c := difftest.Comparison{
			Real:     func() *difftest.Side { return m.fake(anyOrder{fakesys.FromSeed(seed)}) },
			Fake:     m.fake,
			Patience: time.Second,
		}
		out := c.Play(seq)
		if out.Divergence != nil {
			t.Fatalf("seed %d\n%s", seed, out.Divergence)
		}
		followed += out.Followed
	}
	assert.Positive(t, followed)
}
