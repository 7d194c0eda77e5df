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

// result is a run of two services. One verdict failed and one is inconclusive.
func result() report.Result {
	fault := chaos.PlannedFault{At: 1000 * ms, Service: "a|b", Fault: "kill", Arg: "KILL"}
	return report.Result{
		History: chaos.History{
			Services:   []config.Service{config.NewService("a|b", "x"), config.NewService("db", "x")},
			Plan:       chaos.Plan{Version: 1, Seed: 42, Tick: time.Second, Duration: time.Minute, Faults: []chaos.PlannedFault{fault, fault}},
			Injections: []chaos.Injection{{PlannedFault: fault, At: 1000 * ms, Pid: 10, Lethal: true}, {PlannedFault: fault, Skipped: "it was in backoff"}},
			Processes:  []chaos.ProcessRecord{{Service: "a|b", Pid: 10, FirstSeen: 1, ExitedAt: 1001 * ms}, {Service: "a|b", Pid: 11, FirstSeen: 1004 * ms}},
			Events: []chaos.Event{{At: 1, Service: "a|b", To: "running", Pid: 10}, {At: 1001 * ms, Service: "a|b", From: "running", To: "backoff", Pid: 10},
				{At: 1003 * ms, Service: "a|b", From: "backoff", To: "running", Pid: 11}},
			Phases: []chaos.Span{{Phase: chaos.WarmUp, To: 900 * ms}, {Phase: chaos.Faults, From: 900 * ms, To: 1900 * ms, Failure: "the supervisor ended"}},
			End:    chaos.End{At: 2000 * ms},
		},
		Verdicts: []chaos.Verdict{
			{Number: 1, Name: "stable before the faults", Outcome: chaos.Pass},
			{Number: 2, Name: "safety", Outcome: chaos.Fail, Evidence: []string{"two at once <&>", "and \x01 more, db is gone", "a|b: 1 recovery"}, Violations: 2},
			{Number: 9, Name: "enough injected", Outcome: chaos.Inconclusive, Evidence: []string{"hardly"}},
		},
		Expected: 2.5, Command: "gosv chaos --seed 42", Status: 1,
	}
}

func TestJSONIsDecodedAsItWasEncoded(t *testing.T) {
	r := result()
	again, err := report.DecodeJSON(report.EncodeJSON(r))
	require.NoError(t, err)
	want := r.Data()
	assert.Empty(t, cmp.Diff(&want, again))
	assert.Equal(t, chaos.Fail, again.Outcome)
	assert.Equal(t, 1, again.Injected)
	assert.Equal(t, map[string]int{"it was in backoff": 1}, again.Skipped)
	assert.Equal(t, []report.JSONPhase{{Phase: "warm-up", To: 900}, {Phase: "faults", From: 900, To: 1900, Failure: "the supervisor ended"}}, again.Phases)
	assert.Equal(t, []report.JSONInjection{
		{Planned: 1000, Service: "a|b", Fault: "kill", Arg: "KILL", At: 1000, Pid: 10, Lethal: true},
		{Planned: 1000, Service: "a|b", Fault: "kill", Arg: "KILL", Skipped: "it was in backoff"},
	}, again.Injections)
	for _, version := range []string{"0", "4", "7"} {
		_, err = report.DecodeJSON([]byte(`{"version": ` + version + `}`))
		assert.ErrorContains(t, err, "version "+version)
	}
	_, err = report.DecodeJSON([]byte(`{"version": 1}`))
	assert.NoError(t, err, "a baseline may be older")
}

func TestSchemaHasTheKeysOfTheReport(t *testing.T) {
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
	assert.ElementsMatch(t, keys(reflect.TypeFor[report.JSONInjection]()), names(schema.Properties["injections"].Items.Properties))
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
	assert.Nil(t, doc.Suite.Cases[3].Failure, "its evidence is no violation")
	assert.Equal(t, "db", doc.Suite.Cases[4].Name)
	assert.NotNil(t, doc.Suite.Cases[4].Failure, "a violation names it")
	assert.Equal(t, "2.000", doc.Suite.Time)
	for i, want := range []string{"0.900", "", "1.000", "0.004", ""} {
		assert.Equal(t, want, doc.Suite.Cases[i].Time, doc.Suite.Cases[i].Name)
	}
}

func TestTableShowsVerdictsAndCommand(t *testing.T) {
	text := string(report.Table(result()))
	for _, want := range []string{"2 faults were planned (2.5 expected), 1 injected, 1 skipped", "skipped 1: it was in backoff", "fail          2 safety", "two at once", "slowest first", "FAIL. To run the same plan again:\n  gosv chaos --seed 42"} {
		assert.Contains(t, text, want)
	}
}

func TestBaselineIsCompared(t *testing.T) {
	r := result()
	before := r.Data()
	before.Recoveries[0].Max = 2.5
	r.Baseline = &before
	assert.Equal(t, []string{"a|b: max 4.00 ms, was 2.50 ms"}, r.Compare())
	assert.Contains(t, string(report.Table(r)), "was 2.50 ms")
	assert.Contains(t, string(report.Markdown(r)), "was 2.50 ms")
	assert.Equal(t, []string{"a|b: max of the recovery times is 4.00 ms, was 2.50 ms: 60 % slower, more than 50 %"}, report.Regressions(r.History, &before, 0.5))
	assert.Empty(t, report.Regressions(r.History, &before, 0.7))
	assert.NotNil(t, report.Regressions(r.History, &before, 0.7), "it was compared")
	before.Recoveries[0].Max = 3.1
	assert.Empty(t, report.Regressions(r.History, &before, 0.1), "less than a millisecond is noise")
	r.Baseline = nil
	assert.Empty(t, r.Compare())
}

func TestPercentilesTakeTwentyRecoveries(t *testing.T) {
	of := func(n int) report.Result {
		r := result()
		r.History.Injections, r.History.Processes = nil, nil
		for i := range time.Duration(n) {
			at := (i + 1) * time.Second
			r.History.Injections = append(r.History.Injections, chaos.Injection{PlannedFault: chaos.PlannedFault{Service: "db"}, At: at, Lethal: true})
			r.History.Processes = append(r.History.Processes, chaos.ProcessRecord{Service: "db", FirstSeen: at + (i+1)*ms})
		}
		return r
	}
	few, enough := of(19), of(20)
	assert.Zero(t, few.Data().Recoveries[0].P50)
	assert.EqualValues(t, 10, enough.Data().Recoveries[0].P50)
	assert.Regexp(t, `db +19 +- +- +- +19ms`, string(report.Table(few)))
	assert.Regexp(t, `db +20 +10ms +19ms +20ms +20ms`, string(report.Table(enough)))
}

func TestVerdictThatWasNotRunIsNotShownAsAResult(t *testing.T) {
	r := result()
	r.Verdicts = []chaos.Verdict{{Number: 1, Name: "first", Outcome: chaos.Pass}, {Number: 10, Name: "recovery time", Outcome: chaos.NotRun}}
	assert.Equal(t, chaos.Pass, r.Outcome())
	assert.NotContains(t, string(report.Table(r)), "recovery time\n")
	assert.NotContains(t, string(report.Markdown(r)), "recovery time")
	assert.Contains(t, string(report.EncodeJSON(r)), `"outcome": "not run"`)
	assert.Contains(t, string(report.EncodeJUnit(r)), "not requested")
}

func TestAnnotationsNameWhatDidNotPass(t *testing.T) {
	assert.Equal(t, "::error title=gosv chaos%3A 2 safety::two at once <&>\n::warning title=gosv chaos%3A 9 enough injected::hardly\n", string(report.Annotations(result())))
}

func TestQuietShowsWhatDidNotPass(t *testing.T) {
	text := string(report.Quiet(result()))
	assert.Contains(t, text, "fail          2 safety")
	assert.NotContains(t, text, "pass")
	assert.Contains(t, text, "FAIL. To run")
}

func TestMarkdownEscapesTableCells(t *testing.T) {
	for line := range strings.Lines(string(report.Markdown(result()))) {
		if strings.HasPrefix(line, "| ❌") {
			assert.Equal(t, 4, strings.Count(line, "|")-strings.Count(line, `\|`), line)
		}
	}
}

func TestDrawingHasALaneForEveryService(t *testing.T) {
	text := report.SVG(result())
	require.NoError(t, xml.Unmarshal(text, &struct{}{}))
	assert.Contains(t, string(text), "a|b")
	assert.Contains(t, string(text), `width="1600"`)
	assert.Contains(t, string(text), "gosv chaos: fail, seed 42")
	assert.Contains(t, string(text), ">warm-up</text>")
	assert.Contains(t, string(text), "kill KILL of PID 10")
}
