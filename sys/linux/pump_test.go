package linux_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

func TestAFullSinkParksOnlyItsOwnPipe(t *testing.T) {
	k := newKernel(t)
	full, open := &buffer{room: 10}, &buffer{}
	got := spawn(t, k, sys.SpawnRequest{
		Path: "sh", Args: []string{"-c", "printf 0123456789abcdef; printf fine >&2; sleep 4321"}, Stdout: full, Stderr: open,
	})
	require.NoError(t, got.Err)
	until(t, k, "both outputs", func() bool { return full.String() == "0123456789" && open.String() == "fine" })
	until(t, k, "the full sink to be asked", full.isFull)

	full.empty(100)
	until(t, k, "the rest", func() bool { return full.String() == "abcdef" })
	require.NoError(t, k.SignalGroup(got.Child.Handle, syscall.SIGKILL))
	finish(t, k, got.Child)
	until(t, k, "the ends", func() bool { return full.isClosed() && open.isClosed() })
}

// isFull reports whether the capture waits for resume.
func (b *buffer) isFull() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.resume != nil
}

// empty makes room and says so.
func (b *buffer) empty(room int) {
	b.mu.Lock()
	b.data.Reset()
	resume := b.resume
	b.room, b.resume = room, nil
	b.mu.Unlock()
	if resume != nil {
		resume()
	}
}

// A grandchild holds the pipe: its end would never come.
func TestCloseOutputEndsAPipeThatSomebodyHolds(t *testing.T) {
	k, out := newKernel(t), &buffer{room: 1 << 20}
	c := shell(t, k, "trap '' TERM; printf kept; sleep 4321 & wait", out)
	until(t, k, "the output", func() bool { return out.String() == "kept" })
	k.CloseOutput(lastID)
	until(t, k, "the end", out.isClosed)
	assert.Equal(t, "kept", out.String())
	require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
	finish(t, k, c)
	k.CloseOutput(lastID) // over: nothing happens
}

func TestCloseOutputDeliversWhatIsInThePipe(t *testing.T) {
	k, out := newKernel(t), &buffer{room: 4}
	c := shell(t, k, "printf 0123456789; sleep 4321", out)
	until(t, k, "a full sink", out.isFull)
	k.CloseOutput(lastID)
	out.empty(4)
	until(t, k, "a full sink", out.isFull)
	assert.Equal(t, "4567", out.String())
	assert.False(t, out.isClosed())
	out.empty(4)
	until(t, k, "the end", out.isClosed)
	assert.Equal(t, "89", out.String())
	require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
	finish(t, k, c)
}

func TestALotOfOutputArrivesWhole(t *testing.T) {
	k, out := newKernel(t), &buffer{}
	c := shell(t, k, "head -c 10000000 /dev/zero | tr '\\0' x", out)
	until(t, k, "the end", out.isClosed)
	finish(t, k, c)
	assert.Equal(t, 10_000_000, strings.Count(out.String(), "x"))
}

func TestShutdownDrainsAndIsBounded(t *testing.T) {
	k := openKernel(t)
	out, stuck := &buffer{}, &buffer{room: 1}
	got := spawn(t, k, sys.SpawnRequest{
		Path: "sh", Args: []string{"-c", "printf out; printf stuck >&2; sleep 4321"}, Stdout: out, Stderr: stuck,
	})
	require.NoError(t, got.Err)
	until(t, k, "the full sink", stuck.isFull)
	require.NoError(t, k.SignalGroup(got.Child.Handle, syscall.SIGKILL))
	finish(t, k, got.Child)

	begin := time.Now()
	k.Shutdown(50 * time.Millisecond)
	assert.Less(t, time.Since(begin), patience)
	assert.True(t, out.isClosed() && stuck.isClosed())
	assert.Equal(t, "out", out.String())
}

// Of what short-lived children left in their pipes nobody takes a byte, ever:
// beyond some, the oldest is written into the full sink, which may count it.
func TestAStuckSinkHoldsFewPipes(t *testing.T) {
	k, sinks := newKernel(t), []*buffer{}
	before := descriptors(t)
	for range 100 {
		sinks = append(sinks, &buffer{room: -1})
		c := shell(t, k, "printf left", sinks[len(sinks)-1])
		finish(t, k, c)
		k.CloseOutput(lastID)
	}
	over := func() (n int) {
		for n < len(sinks) && sinks[n].isClosed() {
			n++
		}
		return n
	}
	until(t, k, "the first of them to be given up", func() bool { return over() == 100-64 })
	assert.LessOrEqual(t, descriptors(t)-before, 64+8, "pipes that are waited with")
	for i, s := range sinks {
		assert.Equal(t, i < 100-64, s.isClosed(), "the oldest go first: %d", i)
		if s.isClosed() {
			assert.Equal(t, "left", s.String())
		}
	}
	sinks[99].empty(10)
	until(t, k, "the youngest to be delivered", sinks[99].isClosed)
	assert.Equal(t, "left", sinks[99].String())
}
