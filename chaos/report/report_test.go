package report_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/report"
	"github.com/gosv/gosv/config"
)

const ms = time.Millisecond

// result is a run of two services; one verdict failed and one says nothing.
func result() report.Result {
	hit := chaos.PlannedFault{At: 1000 * ms, Service: "a|b", Fault: "kill", Arg: "KILL"}
	return report.Result{
		History: chaos.History{
			Services:   []config.Service{config.NewService("a|b", "x"), config.NewService("db", "x")},
			Plan:       chaos.Plan{Version: 1, Seed: 42, Tick: time.Second, Duration: time.Minute, Faults: []chaos.PlannedFault{hit, hit}},
			Injections: []chaos.Injection{{PlannedFault: hit, At: 1000 * ms, Pid: 10, Lethal: true}, {PlannedFault: hit, Skipped: "it is backoff"}},
			Processes:  []chaos.ProcessRecord{{Service: "a|b", Pid: 10, FirstSeen: 1, ExitedAt: 1001 * ms}, {Service: "a|b", Pid: 11, FirstSeen: 1004 * ms}},
			Events: []chaos.Event{{At: 1, Service: "a|b", To: "running", Pid: 10}, {At: 1001 * ms, Service: "a|b", From: "running", To: "backoff", Pid: 10},
				{At: 1003 * ms, Service: "a|b", From: "backoff", To: "running", Pid: 11}},
			Phases: []chaos.Span{{Phase: chaos.WarmUp, To: 900 * ms}, {Phase: chaos.Faults, From: 900 * ms, To: 1900 * ms, Failure: "the supervisor ended"}},
			End:    chaos.End{At: 2000 * ms},
		},
		Verdicts: []chaos.Verdict{
			{Number: 1, Name: "steady before", Outcome: chaos.Pass},
			{Number: 2, Name: "safety", Outcome: chaos.Fail, Evidence: []string{"two at once <&>", "and \x01 more, db is gone", "a|b: 1 recovery"}, Wrong: 2},
			{Number: 9, Name: "enough injected", Outcome: chaos.Inconclusive, Evidence: []string{"hardly"}},
		},
		Expected: 2.5, Command: "gosv chaos --seed 42", Status: 1,
	}
}

func TestJSONIsReadAsItWasWritten(t *testing.T) {
	r := result()
	again, err := report.DecodeJSON(report.EncodeJSON(r))
	require.NoError(t, err)
	want := r.Data()
	assert.Empty(t, cmp.Diff(&want, again))
	assert.Equal(t, chaos.Fail, again.Outcome)
	assert.Equal(t, 1, again.Done)
	assert.Equal(t, map[string]int{"it is backoff": 1}, again.Skipped)
	assert.Equal(t, []report.JSONPhase{{Phase: "warm-up", To: 900}, {Phase: "faults", From: 900, To: 1900, Failure: "the supervisor ended"}}, again.Phases)
	assert.Equal(t, []report.JSONHit{
		{Planned: 1000, Service: "a|b", Fault: "kill", Arg: "KILL", At: 1000, Pid: 10, Lethal: true},
		{Planned: 1000, Service: "a|b", Fault: "kill", Arg: "KILL", Skipped: "it is backoff"},
	}, again.Hits)
	for _, version := range []string{"0", "3", "7"} {
		_, err = report.DecodeJSON([]byte(`{"version": ` + version + `}`))
		assert.ErrorContains(t, err, "version "+version)
	}
	_, err = report.DecodeJSON([]byte(`{"version": 1}`))
	assert.NoError(t, err, "a baseline may be older")
}

// The committed schema names exactly the keys that are written.
func TestTheSchemaIsThatOfTheReport(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/chaos-report.schema.json")
	require.NoError(t, err)
	var schema struct {
		Properties map[string]struct {
			Const int
			Items struct {
				Properties map[string]any
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	assert.ElementsMatch(t, keys(reflect.TypeFor[report.JSON]()), names(schema.Properties))
	assert.ElementsMatch(t, keys(reflect.TypeFor[report.JSONVerdict]()), names(schema.Properties["verdicts"].Items.Properties))
	assert.ElementsMatch(t, keys(reflect.TypeFor[report.JSONPhase]()), names(schema.Properties["phases"].Items.Properties))
	assert.ElementsMatch(t, keys(reflect.TypeFor[report.JSONHit]()), names(schema.Properties["hits"].Items.Properties))
	assert.ElementsMatch(t, keys(reflect.TypeFor[report.JSONRecovery]()), names(schema.Properties["recoveries"].Items.Properties))
	assert.Equal(t, report.SchemaVersion, schema.Properties["version"].Const)
}

func keys(t reflect.Type) (all []string) {
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		all = append(all, name)
	}
	return all
}

func names[V any](m map[string]V) (all []string) {
	for name := range m {
		all = append(all, name)
	}
	return all
}

func TestJUnitHasACaseForEveryVerdictAndService(t *testing.T) {
	var doc struct {
		Tests, Failures, Skipped int `xml:",attr"`
		Suite                    struct {
			Time  string `xml:"time,attr"`
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Time    string    `xml:"time,attr"`
				Failure *struct{} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	text := strings.NewReplacer("tests=", "Tests=", "failures=", "Failures=", "skipped=", "Skipped=").Replace(string(report.EncodeJUnit(result())))
	require.NoError(t, xml.Unmarshal([]byte(text), &doc))
	assert.Equal(t, [3]int{5, 2, 1}, [3]int{doc.Tests, doc.Failures, doc.Skipped})
	require.Len(t, doc.Suite.Cases, 5)
	assert.Nil(t, doc.Suite.Cases[0].Failure)
	assert.NotNil(t, doc.Suite.Cases[1].Failure)
	assert.NotNil(t, doc.Suite.Cases[2].Skipped)
	assert.Equal(t, "a|b", doc.Suite.Cases[3].Name)
	assert.Nil(t, doc.Suite.Cases[3].Failure, "what is shown of it blames nobody")
	assert.Equal(t, "db", doc.Suite.Cases[4].Name)
	assert.NotNil(t, doc.Suite.Cases[4].Failure, "who was never hit, and is lost")
	assert.Equal(t, "2.000", doc.Suite.Time)
	for i, want := range []string{"0.900", "", "1.000", "0.004", ""} {
		assert.Equal(t, want, doc.Suite.Cases[i].Time, doc.Suite.Cases[i].Name)
	}
}

func TestTheTableSaysWhatMatters(t *testing.T) {
	text := string(report.Table(result()))
	for _, want := range []string{"2 faults were planned (2.5 expected), 1 done, 1 skipped", "skipped 1: it is backoff", "fail          2 safety", "two at once", "slowest first", "FAIL. To do the same again:\n  gosv chaos --seed 42"} {
		assert.Contains(t, text, want)
	}
}

func TestABaselineIsComparedWith(t *testing.T) {
	r := result()
	before := r.Data()
	before.Recoveries[0].P50, before.Recoveries[0].P95, before.Recoveries[0].P99, before.Recoveries[0].Max = 2.9, 1, 3, 9
	r.Baseline = &before
	assert.Equal(t, []string{"a|b: p50 4.00 ms, was 2.90 ms; p95 4.00 ms, was 1.00 ms (slower); p99 4.00 ms, was 3.00 ms; max 4.00 ms, was 9.00 ms (faster)"}, r.Compare())
	assert.Contains(t, string(report.Table(r)), "by more than half, and by more than 1 ms")
	assert.Contains(t, string(report.Markdown(r)), "(slower)")
	r.Baseline = nil
	assert.Empty(t, r.Compare())
}

func TestMarkdownKeepsItsTablesWhole(t *testing.T) {
	for line := range strings.Lines(string(report.Markdown(result()))) {
		if strings.HasPrefix(line, "| ❌") {
			assert.Equal(t, 4, strings.Count(line, "|")-strings.Count(line, `\|`), line)
		}
	}
}

func TestTheDrawingHasALaneForEveryService(t *testing.T) {
	text := report.SVG(result())
	require.NoError(t, xml.Unmarshal(text, &struct{}{}))
	assert.Contains(t, string(text), "a|b")
	assert.Contains(t, string(text), "kill KILL of process 10")
}
