package logs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosv/gosv/logs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQueuedLinesAreOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, gate := stuckPipe()
		d := logs.NewDestination(out, logs.Options{})
		s := d.NewStream("web")
		writeAll(s, "1\n")
		synctest.Wait()
		writeAll(s, "2\n", "3\n4\n")
		close(gate)
		d.Close(aMinute)
		assert.Equal(t, "web | 1\nweb | 2\nweb | 3\nweb | 4\n", out.String())
		assert.Equal(t, []int{8, 24}, out.sizes())
	})
}

func TestBlockIsOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, gate := stuckPipe()
		d := logs.NewDestination(out, logs.Options{QueueMax: 100})
		writeAll(d.NewStream("web"), "1\n")
		synctest.Wait()
		block := strings.Repeat("a line of the dump\n", 20_000)
		assert.True(t, d.WriteBlock(block[:len(block)-1]), "longer than the queue, which has room")
		assert.False(t, d.WriteBlock("one more\nand its end\n"), "the queue is full")
		assert.True(t, d.WriteBlock(""))
		close(gate)
		stats := d.Close(aMinute)
		assert.Equal(t, "web | 1\n"+block, out.String())
		assert.Equal(t, []int{8, len(block)}, out.sizes())
		assert.Equal(t, logs.Stats{Written: int64(8 + len(block)), LostLines: 2, LostBytes: 21}, stats)
		assert.False(t, d.WriteBlock("too late"))
	})
}

func TestBlockedWriterHoldsStreamsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, gate := stuckPipe()
		d := logs.NewDestination(out, logs.Options{QueueMax: 100})
		web, db, gone := d.NewStream("web"), d.NewStream("db"), d.NewStream("gone")
		assert.Equal(t, 100/len("web | ?"), web.Room(never), "a newline costs a prefix")
		writeAll(web, strings.Repeat("\n", 11)) // 77 bytes
		synctest.Wait()
		var order []string
		assert.Zero(t, web.Room(func() { order = append(order, "web") }))
		assert.Zero(t, gone.Room(never))
		assert.Zero(t, db.Room(func() { order = append(order, "db") }))
		gone.Close()
		synctest.Wait()
		assert.Empty(t, order)

		close(gate)
		synctest.Wait()
		assert.Equal(t, []string{"web", "db"}, order)
		assert.Positive(t, web.Room(never))
		stats := d.Close(aMinute)
		assert.Equal(t, logs.Stats{Written: 77}, stats)
		assert.Len(t, order, 2, "resumed once")
	})
}

func TestWriteAcceptsWhatRoomPromised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, gate := stuckPipe()
		d := logs.NewDestination(out, logs.Options{QueueMax: 100})
		s := d.NewStream("web")
		room := s.Room(never)
		assert.True(t, d.WriteBlock(strings.Repeat("x", 200)), "a block fills the queue meanwhile")
		s.Write([]byte(strings.Repeat("\n", room)))
		s.Write([]byte("beyond\n"))
		close(gate)
		synctest.Wait()
		stats := d.Close(aMinute)
		assert.Equal(t, strings.Repeat("x", 200)+"\n"+strings.Repeat("web | \n", room)+"web | (1 line dropped)\n", out.String())
		assert.EqualValues(t, 1, stats.LostLines)
		assert.EqualValues(t, len("web | beyond\n"), stats.LostBytes)
	})
}

// The number of dropped lines is reported before the next accepted line, even when the
// queue is not half empty yet.
func TestDropsAreReportedInTheirPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, gate := stuckPipe()
		d := logs.NewDestination(out, logs.Options{QueueMax: 3 * 64 << 10, Policy: logs.Drop})
		s := d.NewStream("web")
		writeAll(s, strings.Repeat(strings.Repeat("x", 999)+"\n", 200))
		gate <- struct{}{} // the first of its writes
		synctest.Wait()
		writeAll(s, "next\n")
		close(gate)
		synctest.Wait()
		stats := d.Close(aMinute)
		require.Positive(t, stats.LostLines)
		report := fmt.Sprintf("web | (%d lines dropped)\nweb | next\n", stats.LostLines)
		assert.True(t, strings.HasSuffix(out.String(), report), "the end is %q", out.String()[max(0, len(out.String())-80):])
	})
}

func TestDropPolicyCountsAndReportsDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, gate := stuckPipe()
		d := logs.NewDestination(out, logs.Options{QueueMax: 16, Policy: logs.Drop})
		web, db := d.NewStream("web"), d.NewStream("db")
		assert.Positive(t, web.Room(never))
		writeAll(web, "1\n2\n3\n4\n")
		writeAll(db, "1\n")
		assert.Positive(t, web.Room(never), "Drop never holds back")
		close(gate)
		synctest.Wait()
		writeAll(web, "5\n")
		stats := d.Close(aMinute)
		assert.Equal(t, "web | 1\nweb | 2\nweb | (2 lines dropped)\ndb | (1 line dropped)\nweb | 5\n", out.String())
		assert.EqualValues(t, 3, stats.LostLines)
		assert.EqualValues(t, 8+8+7, stats.LostBytes)
	})
}

func TestFailingWriterLosesLinesAndResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail := error(&fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC})
		out := &pipe{}
		out.answer = func(p []byte) (int, error) {
			if fail != nil {
				return 0, fail
			}
			return len(p), nil
		}
		var reports []error
		d := logs.NewDestination(out, logs.Options{OnFailure: func(err error) { reports = append(reports, err) }})
		s := d.NewStream("web")
		for range 3 {
			writeAll(s, "lost\n")
			synctest.Wait()
		}
		time.Sleep(time.Hour) // virtual: without new data there is no retry
		assert.Equal(t, []int{11, 11, 11}, out.sizes())
		assert.Equal(t, logs.Stats{LostLines: 3, LostBytes: 33}, d.Stats())

		fail = nil
		writeAll(s, "back\n")
		stats := d.Close(aMinute)
		assert.Equal(t, "web | back\n", out.String())
		assert.Equal(t, logs.Stats{Written: 11, LostLines: 3, LostBytes: 33}, stats)
		assert.Len(t, reports, 2)
		assert.ErrorIs(t, reports[0], syscall.ENOSPC)
		assert.NoError(t, reports[1])
	})
}

func TestTornLineIsFinishedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Each write takes six bytes, then the disk is full, until it is not.
		full, out := true, &pipe{}
		out.answer = func(p []byte) (int, error) {
			if full {
				return min(6, len(p)), syscall.ENOSPC
			}
			return len(p), nil
		}
		d := logs.NewDestination(out, logs.Options{})
		d.WriteBlock("first line\nlost\n")
		synctest.Wait()
		assert.Equal(t, "first ", out.String())
		assert.Equal(t, logs.Stats{Written: 6, Queued: 5, LostLines: 1, LostBytes: 5}, d.Stats())
		d.WriteBlock("second line\nlost\n")
		synctest.Wait()
		assert.Equal(t, "first line\ns", out.String())
		full = false
		d.WriteBlock("third line\n")
		d.Close(aMinute)
		assert.Equal(t, "first line\nsecond line\nthird line\n", out.String())
	})
}

func TestCloseTriesATornLineOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &pipe{answer: func(p []byte) (int, error) { return 1, syscall.EIO }}
		d := logs.NewDestination(out, logs.Options{})
		d.WriteBlock("torn")
		synctest.Wait()
		stats := d.Close(aMinute)
		assert.Equal(t, logs.Stats{Written: 2, LostLines: 1, LostBytes: 3}, stats)
		assert.Equal(t, stats, d.Close(0), "again")
	})
}

func TestPartialInterruptedAndNonblockingWritesLoseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := 0
		out := &pipe{answer: func(p []byte) (int, error) {
			i++
			return []int{min(2, len(p)), 0, 0, 1}[i%4], []error{nil, syscall.EINTR, syscall.EAGAIN, nil}[i%4]
		}}
		d := logs.NewDestination(out, logs.Options{OnFailure: func(err error) { t.Error(err) }})
		d.WriteBlock("every byte of it, ")
		stats := d.Close(aMinute)
		assert.Equal(t, "every byte of it, \n", out.String())
		assert.Equal(t, logs.Stats{Written: 19}, stats)
	})
}

func TestWriterWithoutProgressFails(t *testing.T) {
	d := logs.NewDestination(&pipe{answer: func([]byte) (int, error) { return 0, nil }}, logs.Options{})
	d.WriteBlock("x")
	assert.Equal(t, logs.Stats{LostLines: 1, LostBytes: 2}, d.Close(aMinute))
}

func TestCloseIsBounded(t *testing.T) {
	for name, answer := range map[string]func(gate chan struct{}) error{
		"stuck":       func(gate chan struct{}) error { <-gate; return syscall.EIO },
		"nonblocking": func(chan struct{}) error { return syscall.EAGAIN },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := make(chan struct{})
				d := logs.NewDestination(&pipe{answer: func([]byte) (int, error) { return 0, answer(gate) }}, logs.Options{QueueMax: 8})
				s := d.NewStream("web")
				writeAll(s, "1\n")
				resumed := 0
				assert.Zero(t, s.Room(func() { resumed++ }))
				synctest.Wait()
				began := time.Now()
				stats := d.Close(time.Second)
				assert.Equal(t, time.Second, time.Since(began))
				assert.Equal(t, logs.Stats{LostLines: 1, LostBytes: 8}, stats)
				assert.Equal(t, 1, resumed, "a closed destination holds no stream back")
				assert.Positive(t, s.Room(never))
				writeAll(s, "2\n")
				assert.EqualValues(t, 2, d.Stats().LostLines)
				close(gate)
				time.Sleep(time.Second) // virtual: the goroutine sees that it was abandoned
			})
		})
	}
}

// The kernel answers EPIPE, as for gosv | true.
func TestBrokenPipe(t *testing.T) {
	r, w, err := os.Pipe()
	assert.NoError(t, err)
	defer w.Close()
	failed := make(chan error, 1)
	d := logs.NewDestination(w, logs.Options{OnFailure: func(err error) { failed <- err }})
	assert.NoError(t, r.Close())
	d.WriteBlock("no reader")
	assert.True(t, errors.Is(<-failed, syscall.EPIPE))
	assert.EqualValues(t, 1, d.Close(aMinute).LostLines)
}

func TestStreamsResumeWhenHalfOfTheQueueIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		out := &pipe{answer: func(p []byte) (int, error) { <-gate; return len(p), nil }}
		d := logs.NewDestination(out, logs.Options{QueueMax: 100})
		d.WriteBlock(strings.Repeat("x", 29))
		synctest.Wait()
		d.WriteBlock(strings.Repeat("y", 50))
		s, resumed := d.NewStream("web"), 0
		assert.Zero(t, s.Room(func() { resumed++ }))
		gate <- struct{}{}
		synctest.Wait()
		assert.Zero(t, resumed, "49 bytes are free")
		gate <- struct{}{}
		synctest.Wait()
		assert.Equal(t, 1, resumed)

		d.WriteBlock(strings.Repeat("z", 100))
		writeAll(s, "dropped, because Room was not asked\n")
		close(gate)
		synctest.Wait()
		assert.Equal(t, 1, resumed, "once for each Room that returned 0")
		d.Close(aMinute)
	})
}

func TestOneWriteFitsIntoAPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, gate := stuckPipe()
		d := logs.NewDestination(out, logs.Options{})
		line := strings.Repeat("x", 99)
		for range 2000 {
			d.WriteBlock(line)
		}
		close(gate)
		d.Close(aMinute)
		sum := 0
		for _, n := range out.sizes() {
			assert.LessOrEqual(t, n, 64<<10)
			assert.Zero(t, n%100, "whole lines")
			sum += n
		}
		assert.Equal(t, 200_000, sum)
	})
}

func TestFailureBetweenTwoLinesTearsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &pipe{answer: func(p []byte) (int, error) { return 4, syscall.ENOSPC }}
		d := logs.NewDestination(out, logs.Options{})
		d.WriteBlock("one\ntwo\n")
		synctest.Wait()
		assert.Equal(t, logs.Stats{Written: 4, LostLines: 1, LostBytes: 4}, d.Stats())
		d.Close(aMinute)
	})
}
