package control_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
)

func TestRingNumbersEventsAndForgetsTheOldest(t *testing.T) {
	r := control.NewEventRing(3)
	assert.Zero(t, r.Last())
	for i := range 5 {
		assert.EqualValues(t, i+1, r.Append(api.Event{Service: string(rune('a' + i))}))
	}
	events, err := r.After(2, 10)
	require.NoError(t, err)
	assert.Equal(t, []uint64{3, 4, 5}, numbers(events))
	assert.Equal(t, "c", events[0].Service)
	_, err = r.After(1, 10)
	assert.ErrorIs(t, err, control.ErrGone)
	_, err = r.After(6, 10)
	assert.ErrorIs(t, err, control.ErrGone, "a number of another gosv's")
	events, err = r.After(5, 10)
	require.NoError(t, err)
	assert.Empty(t, events)
}

func TestRingWakesThoseWhoWait(t *testing.T) {
	r := control.NewEventRing(3)
	waiting := r.Changed(0)
	select {
	case <-waiting:
		t.Fatal("nothing has happened yet")
	default:
	}
	r.Append(api.Event{})
	<-waiting
	<-r.Changed(0) // it has happened already
}

// A reader that resumes after the last number that it saw misses nothing.
func TestRingHasNoGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 8).Draw(t, "size")
		r := control.NewEventRing(size)
		var seen uint64
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			for range rapid.IntRange(0, 10).Draw(t, "events") {
				r.Append(api.Event{})
			}
			events, err := r.After(seen, rapid.IntRange(1, 5).Draw(t, "limit"))
			if lost := r.Last()-seen > uint64(size); lost != (err != nil) {
				t.Fatalf("after %d of %d, keeping %d: %v", seen, r.Last(), size, err)
			}
			if err != nil {
				seen = r.Last()
			}
			for _, e := range events {
				seen++
				if e.Seq != seen {
					t.Fatalf("got %d instead of %d", e.Seq, seen)
				}
			}
		}
	})
}

func numbers(events []api.Event) (all []uint64) {
	for _, e := range events {
		all = append(all, e.Seq)
	}
	return all
}
