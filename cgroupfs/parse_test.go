package cgroupfs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParsersSayWhatIsWrong(t *testing.T) {
	_, err := parseFlat([]byte("populated\n"))
	assert.EqualError(t, err, `the line "populated\n" is not a key and a number`)
	_, err = parseValue([]byte("-1\n"))
	assert.EqualError(t, err, `"-1" is not a number`)
	_, err = parsePids([]byte("5\n-7\n"))
	assert.EqualError(t, err, `the line "-7\n" is not a PID`)
	_, err = parsePressure([]byte("full avg10=0.00\n"))
	assert.EqualError(t, err, `there is no line "some"`)
	stalled, err := parsePressure([]byte("some avg10=100.00 avg60=0.00"))
	require.NoError(t, err)
	assert.Equal(t, Stall{Avg10: 100}, stalled.Some)
	for _, value := range []string{"avg10=NaN", "avg60=101", "avg300=-1", "total=x"} {
		_, err = parsePressure([]byte("some " + value))
		assert.EqualError(t, err, fmt.Sprintf("the line %q: %q is not a number", "some "+value, value))
	}
}

// Before Linux 5.13 cpu.pressure has no line "full".
func TestAPressureFileWithoutFull(t *testing.T) {
	p, err := parsePressure([]byte("some avg10=1.00 avg60=0.00 avg300=0.00 total=7\n"))
	require.NoError(t, err)
	assert.Equal(t, Pressure{Some: Stall{Avg10: 1, Total: 7000}}, p)
}

func TestParseIOStat(t *testing.T) {
	list, err := parseIOStat([]byte("8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n8:16 \n7:0 cost.usage=1.5\n253:1 rbytes=7 wbytes=0 rios=1 wios=0\n"))
	require.NoError(t, err)
	assert.Equal(t, []IOStats{{"8:0", 1, 2, 3, 4}, {"253:1", 7, 0, 1, 0}}, list)
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"populated 1\nfrozen 0\n", "max\n", "12\n", "3\n1\n0\n3\n",
		"some avg10=1.50 avg60=0.25 avg300=0.00 total=1000000\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=5\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		again(t, text, parseFlat, func(values map[string]uint64) (rendered string) {
			for key, value := range values {
				rendered += fmt.Sprintf("%s %d\n", key, value)
			}
			return rendered
		})
		again(t, text, parseValue, func(value uint64) string { return fmt.Sprintln(value) })
		again(t, text, parsePids, func(pids []int) (rendered string) {
			for _, pid := range pids {
				rendered += fmt.Sprintln(pid)
			}
			return rendered
		})
		again(t, text, parsePressure, func(p Pressure) string {
			rendered := renderStall("some", p.Some)
			if p.Full != nil {
				rendered += renderStall("full", *p.Full)
			}
			return rendered
		})
	})
}

func renderStall(name string, s Stall) string {
	return fmt.Sprintf("%s avg10=%v avg60=%v avg300=%v total=%d\n", name, s.Avg10, s.Avg60, s.Avg300, s.Total.Microseconds())
}

// again holds that what was parsed, rendered and parsed is the same.
func again[T any](t *testing.T, text []byte, parse func([]byte) (T, error), render func(T) string) {
	first, err := parse(text)
	if err != nil {
		return
	}
	second, err := parse([]byte(render(first)))
	require.NoError(t, err)
	require.Equal(t, first, second)
}
