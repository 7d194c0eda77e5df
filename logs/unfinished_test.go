package logs_test

import (
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosv/gosv/logs"
	"github.com/stretchr/testify/assert"
)

// step writes text to the stream of a service, lets time pass, and names the whole
// output after it.
type step struct {
	service, text string
	pass          time.Duration
	want          string
}

func TestUnfinishedLines(t *testing.T) {
	const aSecond = 1100 * time.Millisecond
	for _, c := range []struct {
		name  string
		opt   logs.Options
		steps []step
	}{
		{"a prompt is shown after a second and its line continues", logs.Options{}, []step{
			{"a", "name? ", 400 * time.Millisecond, ""},
			{"a", "", aSecond, "a | name? "},
			{"a", "Joe\nnext\n", 0, "a | name? Joe\na | next\n"},
		}},
		{"another line ends it, and the rest has the name again", logs.Options{}, []step{
			{"a", "wait", aSecond, "a | wait"},
			{"b", "up\n", 0, "a | wait\nb | up\n"},
			{"a", "ed\n", 0, "a | wait\nb | up\na | ed\n"},
		}},
		{"a line that another has ended is not ended twice", logs.Options{}, []step{
			{"a", "wait", aSecond, "a | wait"},
			{"b", "up\n", 0, "a | wait\nb | up\n"},
			{"a", "\nnext\n", 0, "a | wait\nb | up\na | next\n"},
		}},
		{"a progress bar that never pauses is shown", logs.Options{}, []step{
			{"a", "1%\r", 400 * time.Millisecond, ""},
			{"a", "2%\r", 400 * time.Millisecond, ""},
			{"a", "3%\r", 400 * time.Millisecond, "a | 1%\r2%\r3%"},
			{"a", "4%\r", aSecond, "a | 1%\r2%\r3%\r4%"},
			{"a", "\n", 0, "a | 1%\r2%\r3%\r4%\n"},
		}},
		{"a terminal shows the name after each carriage return", logs.Options{Terminal: true}, []step{
			{"a", "1%\r2%\r", aSecond, "a | 1%\ra | 2%"},
			{"a", "3%\r\n", 0, "a | 1%\ra | 2%\ra | 3%\n"},
		}},
		{"a character stays whole", logs.Options{}, []step{
			{"a", "\xe2\x82", aSecond, ""},
			{"a", "\xac", aSecond, "a | \u20ac"},
			{"a", "\xc3", aSecond, "a | \u20ac"},
			{"a", "\n", 0, "a | \u20ac\xc3\n"},
		}},
		{"a line that grows for ever is split", logs.Options{LineMax: 4}, []step{
			{"a", "123", aSecond, "a | 123"},
			{"a", "4", aSecond, "a | 1234"},
			{"a", "56", aSecond, "a | 1234\na | 56"},
			{"a", "\n", 0, "a | 1234\na | 56\n"},
		}},
		{"two unfinished lines", logs.Options{}, []step{
			{"a", "one", 0, ""},
			{"b", "two", aSecond, "a | one\nb | two"},
			{"a", " more\n", 0, "a | one\nb | two\na |  more\n"},
			{"b", " more\n", 0, "a | one\nb | two\na |  more\nb |  more\n"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out pipe
				d := logs.NewDestination(&out, c.opt)
				streams := map[string]*logs.Stream{"a": d.NewStream("a"), "b": d.NewStream("b")}
				for _, s := range c.steps {
					writeAll(streams[s.service], s.text)
					time.Sleep(s.pass) // virtual
					synctest.Wait()
					assert.Equal(t, s.want, out.String())
				}
				d.Close(aMinute)
			})
		})
	}
}

func TestUnfinishedLineEndsAtClose(t *testing.T) {
	for name, end := range map[string]func(*logs.Destination, *logs.Stream){
		"of the stream":      func(_ *logs.Destination, s *logs.Stream) { s.Close() },
		"of the destination": func(*logs.Destination, *logs.Stream) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out pipe
				d := logs.NewDestination(&out, logs.Options{})
				s := d.NewStream("a")
				writeAll(s, "prompt")
				time.Sleep(2 * time.Second) // virtual
				end(d, s)
				stats := d.Close(aMinute)
				assert.Equal(t, "a | prompt\n", out.String())
				assert.EqualValues(t, len("a | prompt\n"), stats.Written)
			})
		})
	}
}

func TestLogRecordEndsAnUnfinishedLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out pipe
		d := logs.NewDestination(&out, logs.Options{})
		s := d.NewStream("a")
		writeAll(s, "prompt")
		time.Sleep(2 * time.Second) // virtual
		d.WriteBlock("record")
		s.Close()
		d.Close(aMinute)
		assert.Equal(t, "a | prompt\nrecord\n", out.String())
	})
}

// An unfinished line that was lost takes its rest with it, so that no line of
// another service is joined to it.
func TestLostUnfinishedLineIsLostWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full, out := true, &pipe{}
		out.answer = func(p []byte) (int, error) {
			if full {
				return 0, syscall.ENOSPC
			}
			return len(p), nil
		}
		d := logs.NewDestination(out, logs.Options{})
		a, b := d.NewStream("a"), d.NewStream("b")
		writeAll(a, "prompt")
		time.Sleep(2 * time.Second) // virtual
		synctest.Wait()
		full = false
		writeAll(a, " and rest\n")
		writeAll(b, "whole\n")
		stats := d.Close(aMinute)
		assert.Equal(t, "b | whole\n", out.String())
		assert.Equal(t, logs.Stats{Written: 10, LostLines: 1, LostBytes: int64(len("a | prompt and rest\n"))}, stats)
	})
}

// A shown piece whose continuation fails is continued when writing works again.
func TestShownLineIsContinuedAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full, out := false, &pipe{}
		out.answer = func(p []byte) (int, error) {
			if full {
				return 0, syscall.ENOSPC
			}
			return len(p), nil
		}
		d := logs.NewDestination(out, logs.Options{})
		a, b := d.NewStream("a"), d.NewStream("b")
		writeAll(a, "prompt")
		time.Sleep(2 * time.Second) // virtual
		synctest.Wait()
		full = true
		writeAll(a, " and rest\nlost\n")
		synctest.Wait()
		full = false
		writeAll(b, "whole\n")
		d.Close(aMinute)
		assert.Equal(t, "a | prompt and rest\nb | whole\n", out.String())
	})
}

// An unfinished line must not keep an idle process awake.
func TestNoTimerRunsForAShownLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out pipe
		d := logs.NewDestination(&out, logs.Options{})
		writeAll(d.NewStream("a"), "10%\r")
		time.Sleep(5 * time.Second) // virtual
		before := time.Now()
		logs.WaitForTick(d)
		assert.Equal(t, before, time.Now())
		d.Close(aMinute)
		assert.True(t, strings.HasPrefix(out.String(), "a | 10%"))
	})
}
