package report

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gosv/gosv/chaos"
)

// SchemaVersion changes when readers of the JSON have to change. Version 2 added phases and
// hits. Version 3 calls the hits injections, has verdicts that were not run, and omits
// percentiles of fewer than 20 recoveries.
const SchemaVersion = 3

// JSON is the result for programs. Durations are milliseconds, and instants are
// milliseconds since the start of the run.
type JSON struct {
	Version    int             `json:"version"`
	Outcome    chaos.Outcome   `json:"outcome"`
	Status     int             `json:"status"` // exit status of gosv chaos
	Seed       uint64          `json:"seed"`
	Command    string          `json:"command"`
	Duration   float64         `json:"duration_ms"` // of the phase of faults
	Expected   float64         `json:"expected_faults"`
	Planned    int             `json:"planned_faults"`
	Injected   int             `json:"injected_faults"`
	Skipped    map[string]int  `json:"skipped_faults,omitempty"` // by reason
	Phases     []JSONPhase     `json:"phases"`
	Injections []JSONInjection `json:"injections"`
	Verdicts   []JSONVerdict   `json:"verdicts"`
	Recoveries []JSONRecovery  `json:"recoveries"`
}

// JSONPhase is a phase that began.
type JSONPhase struct {
	Phase   chaos.Phase `json:"phase"`
	From    float64     `json:"from_ms"`
	To      float64     `json:"to_ms"`
	Failure string      `json:"failure,omitempty"` // why it did not complete
}

// JSONInjection is what became of a planned fault.
type JSONInjection struct {
	Planned float64 `json:"planned_ms"`        // since the phase of faults began
	Service string  `json:"service,omitempty"` // empty: the supervisor
	Fault   string  `json:"fault"`
	Arg     string  `json:"arg,omitempty"`
	Skipped string  `json:"skipped,omitempty"` // why it was not injected
	At      float64 `json:"at_ms,omitempty"`
	Pid     int     `json:"pid,omitempty"`
	Undone  float64 `json:"undone_ms,omitempty"`
	Lethal  bool    `json:"lethal,omitempty"` // it must end the process
}

// JSONVerdict is one verdict.
type JSONVerdict struct {
	Number   int           `json:"number"`
	Name     string        `json:"name"`
	Outcome  chaos.Outcome `json:"outcome"`
	Evidence []string      `json:"evidence,omitempty"`
}

// JSONRecovery holds the recovery times of one service, beyond the delays of the schedule.
// Percentiles are omitted if there are too few recoveries.
type JSONRecovery struct {
	Service string  `json:"service"`
	Count   int     `json:"count"`
	P50     float64 `json:"p50_ms,omitempty"`
	P95     float64 `json:"p95_ms,omitempty"`
	P99     float64 `json:"p99_ms,omitempty"`
	Max     float64 `json:"max_ms"`
}

// Data returns the result as plain data.
func (r Result) Data() JSON {
	done, skipped := r.injections()
	j := JSON{
		Version: SchemaVersion, Outcome: r.Outcome(), Status: r.Status, Seed: r.History.Plan.Seed, Command: r.Command,
		Duration: ms(r.History.Plan.Duration), Expected: r.Expected, Planned: len(r.History.Plan.Faults), Injected: done, Skipped: skipped,
		Phases: []JSONPhase{}, Injections: []JSONInjection{}, Verdicts: []JSONVerdict{}, Recoveries: recoveriesOf(r.History),
	}
	for _, s := range r.History.Phases {
		j.Phases = append(j.Phases, JSONPhase{s.Phase, ms(s.From), ms(s.To), s.Failure})
	}
	for _, d := range r.History.Injections {
		j.Injections = append(j.Injections, JSONInjection{ms(d.PlannedFault.At), d.Service, d.Fault, d.Arg, d.Skipped, ms(d.At), d.Pid, ms(d.UndoneAt), d.Lethal})
	}
	for _, v := range r.Verdicts {
		j.Verdicts = append(j.Verdicts, JSONVerdict{v.Number, v.Name, v.Outcome, v.Evidence})
	}
	return j
}

func recoveriesOf(h chaos.History) []JSONRecovery {
	all := []JSONRecovery{}
	for _, rec := range h.Recoveries() {
		j := JSONRecovery{Service: rec.Service, Count: len(rec.Times), Max: ms(rec.Quantile(1))}
		if j.Count >= chaos.MinQuantileSamples {
			j.P50, j.P95, j.P99 = ms(rec.Quantile(0.5)), ms(rec.Quantile(0.95)), ms(rec.Quantile(0.99))
		}
		all = append(all, j)
	}
	return all
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// EncodeJSON writes the result for programs.
func EncodeJSON(r Result) []byte {
	text, err := json.MarshalIndent(r.Data(), "", "  ")
	if err != nil {
		panic(err) // numbers and strings always become JSON
	}
	return append(text, '\n')
}

// DecodeJSON reads a report of this version or an earlier one.
func DecodeJSON(text []byte) (*JSON, error) {
	var j JSON
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("not a report of gosv chaos: %w", err)
	}
	if j.Version < 1 || j.Version > SchemaVersion {
		return nil, fmt.Errorf("the report has version %d, and this gosv reads versions 1 to %d", j.Version, SchemaVersion)
	}
	return &j, nil
}
