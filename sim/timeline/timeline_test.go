package timeline_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gosv/gosv/internal/golden"
	. "github.com/gosv/gosv/sim/timeline"
)

// chart has one of everything.
func chart() Chart {
	return Chart{
		Title: "2 services, 812 steps, 1m20s", End: 80 * time.Second,
		Notes: []string{"1m20s: invariant 9 no KILL before the grace: KILL to 12 <too early>"},
		Lanes: []Lane{
			{Name: "machine", Marks: []Mark{{At: time.Second, Kind: Fault, Tip: "1s: fork-refused"}}},
			{Name: "web", Bars: []Bar{
				{0, time.Millisecond, Rising, "starting", "0s: web is starting"},
				{time.Millisecond, 10 * time.Second, Well, "running", "1ms: web runs"},
				{10 * time.Second, 70 * time.Second, Waiting, "backoff", "10s: web waits"},
				{70 * time.Second, 80 * time.Second, Ending, "stopping", "1m10s: web stops"},
			}, Marks: []Mark{
				{At: time.Millisecond, Kind: Start, Tip: "1ms: /svc/web is executed as process 12"},
				{At: 10 * time.Second, Kind: Exit, Tip: "10s: process 12 ends with status 1"},
				{At: 70 * time.Second, Kind: Signal, Tip: "1m10s: SIGTERM to process 13"},
				{At: 70 * time.Second, Kind: Signal, Tip: "1m10s: SIGTERM to process 14"},
			}},
			{Name: "deaf", Bars: []Bar{
				{0, 30 * time.Second, Idle, "stopped", ""}, {30 * time.Second, 31 * time.Second, Bad, "failed", ""}, {31 * time.Second, 80 * time.Second, Done, "exited", ""},
			}, Marks: []Mark{{At: 30 * time.Second, Kind: Command, Tip: "30s: operator: start deaf"}}},
		},
		Marks: []Mark{
			{At: 40 * time.Second, Kind: Event, Tip: "40s: the faults of the machine stop"},
			{At: 80 * time.Second, Kind: Violation, Tip: "KILL to 12 <too early>"},
		},
	}
}

func TestTheDrawingIsTheGoldenOne(t *testing.T) {
	for name, got := range map[string][]byte{"testdata/run.svg": SVG(chart()), "testdata/run.html": HTML(chart())} {
		golden.Equal(t, name, string(got))
	}
}

// TestEveryDrawingIsXML draws charts of every shape.
func TestEveryDrawingIsXML(t *testing.T) {
	text := rapid.StringMatching(`[a-z<>&"'{}é -]{0,20}`)
	rapid.Check(t, func(t *rapid.T) {
		end := time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "end"))
		at := rapid.Custom(func(t *rapid.T) time.Duration { return time.Duration(rapid.Int64Range(0, int64(end)).Draw(t, "at")) })
		mark := rapid.Custom(func(t *rapid.T) Mark {
			return Mark{At: at.Draw(t, "at"), Kind: Kind(rapid.IntRange(0, int(Violation)).Draw(t, "kind")), Tip: text.Draw(t, "tip")}
		})
		c := Chart{Title: text.Draw(t, "title"), End: end, Marks: rapid.SliceOfN(mark, 0, 5).Draw(t, "marks")}
		for range rapid.IntRange(0, 4).Draw(t, "lanes") {
			from := at.Draw(t, "from")
			c.Lanes = append(c.Lanes, Lane{Name: text.Draw(t, "name"), Marks: rapid.SliceOfN(mark, 0, 5).Draw(t, "marks"),
				Bars: []Bar{{From: from, To: end, Tone: Well, Label: text.Draw(t, "label")}}})
		}
		for d := xml.NewDecoder(strings.NewReader(string(SVG(c)))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("%v in\n%s", err, SVG(c))
			}
		}
	})
}

// A pause of an hour leaves room for what happens within milliseconds.
func ExampleSVG() {
	c := Chart{Title: "a pause", End: time.Hour, Lanes: []Lane{{Name: "web", Bars: []Bar{
		{From: 0, To: 5 * time.Millisecond, Tone: Rising, Label: "starting"}, {From: 5 * time.Millisecond, To: time.Hour, Tone: Well, Label: "running"},
	}}}}
	for line := range strings.Lines(string(SVG(c))) {
		if strings.Contains(line, `class="bar`) {
			_, rect, _ := strings.Cut(line, "<rect ")
			rect, _, _ = strings.Cut(rect, "/>")
			fmt.Println(rect)
		}
	}
	// Output:
	// x="120.0" y="72.0" width="95.4" height="18.0" rx="2"
	// x="215.4" y="72.0" width="764.6" height="18.0" rx="2"
}
