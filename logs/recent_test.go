package logs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/logs"
)

// nullSink takes everything.
type nullSink struct{ got strings.Builder }

func (*nullSink) Room(func()) int  { return 64 << 10 }
func (n *nullSink) Write(p []byte) { n.got.Write(p) }
func (*nullSink) Close()           {}

func texts(lines []logs.RecentLine) (all []string) {
	for _, l := range lines {
		all = append(all, l.Service+":"+l.Text)
	}
	return all
}

func TestRecentKeepsTheLastLines(t *testing.T) {
	r := logs.NewRecent(0, 0)
	var next nullSink
	web, worker := r.Tee("web", 100, &next), r.Tee("worker", 100, &nullSink{})
	web.Write([]byte("one\ntw"))
	worker.Write([]byte("bad\n"))
	web.Write([]byte("o\nthree"))
	lines, seq := r.Tail([]string{"web", "worker", "none"}, 10)
	assert.Equal(t, []string{"web:one", "worker:bad", "web:two"}, texts(lines))
	assert.EqualValues(t, 3, seq)
	lines, _ = r.Tail([]string{"web"}, 1)
	assert.Equal(t, []string{"web:two"}, texts(lines))

	web.Close()
	lines, next2, err := r.Follow(t.Context(), []string{"web"}, seq)
	require.NoError(t, err)
	assert.Equal(t, []string{"web:three"}, texts(lines), "a last line needs no newline")
	assert.EqualValues(t, 4, next2)
	assert.Equal(t, "one\ntwo\nthree", next.got.String(), "everything is passed on")
}

func TestRecentFollowWaits(t *testing.T) {
	r := logs.NewRecent(0, 0)
	web := r.Tee("web", 100, &nullSink{})
	got := make(chan []logs.RecentLine)
	go func() {
		lines, _, _ := r.Follow(t.Context(), []string{"web"}, 0)
		got <- lines
	}()
	web.Write([]byte("hello\n"))
	assert.Equal(t, []string{"web:hello"}, texts(<-got))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := r.Follow(ctx, []string{"web"}, 1)
	assert.ErrorIs(t, err, context.Canceled)
}

// What does not fit is forgotten from the oldest on, and the gap is counted.
func TestRecentIsBounded(t *testing.T) {
	r := logs.NewRecent(100_000, 0)
	web := r.Tee("web", 1000, &nullSink{})
	for i := range 10_000 {
		web.Write(fmt.Appendf(nil, "line %d\n", i))
	}
	lines, _, err := r.Follow(t.Context(), []string{"web"}, 0)
	require.NoError(t, err)
	assert.Less(t, len(lines), 5000)
	assert.EqualValues(t, 10_000, int(lines[0].Dropped)+len(lines), "kept and dropped lines add up")
	assert.Equal(t, "line 9999", lines[len(lines)-1].Text)
}

// A service that writes much takes from others only when all of them have too much.
func TestRecentIsBoundedAltogether(t *testing.T) {
	r := logs.NewRecent(200_000, 300_000)
	for i := range 10 {
		s := r.Tee(fmt.Sprint(i), 1000, &nullSink{})
		for range 2000 {
			s.Write([]byte(strings.Repeat("x", 80) + "\n"))
		}
	}
	total := 0
	for i := range 10 {
		lines, _ := r.Tail([]string{fmt.Sprint(i)}, 1<<30)
		assert.NotEmpty(t, lines, "every service keeps something")
		for _, l := range lines {
			total += len(l.Text) + 20
		}
	}
	assert.LessOrEqual(t, total, 300_000)
	assert.Greater(t, total, 200_000)
}

// Lines do not depend on how the bytes arrived.
func TestRecentLinesDoNotDependOnChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringMatching(`([a-c]{0,6}\r?\n?){0,12}`).Draw(t, "text"))
		whole, cut := logs.NewRecent(0, 0), logs.NewRecent(0, 0)
		sink := whole.Tee("s", 4, &nullSink{})
		sink.Write(text)
		sink.Close()
		sink = cut.Tee("s", 4, &nullSink{})
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "n")
			sink.Write(rest[:n])
			rest = rest[n:]
		}
		sink.Close()
		a, _ := whole.Tail([]string{"s"}, 100)
		b, _ := cut.Tail([]string{"s"}, 100)
		assert.Equal(t, texts(a), texts(b))
	})
}
