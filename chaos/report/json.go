package report

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gosv/gosv/chaos"
)

// SchemaVersion changes when a reader of the JSON would have to, or may rely on more.
// Version 2 has phases and hits beside what version 1 has.
const SchemaVersion = 2

// JSON is the machine's form of a result. Durations are milliseconds, and so are
// instants, since the run began.
type JSON struct {
	Version    int            `json:"version"`
	Outcome    chaos.Outcome  `json:"outcome"`
	Status     int            `json:"status"` // exit status of gosv chaos
	Seed       uint64         `json:"seed"`
	Command    string         `json:"command"`
	Duration   float64        `json:"duration_ms"` // of the phase of faults
	Expected   float64        `json:"expected_faults"`
	Planned    int            `json:"planned_faults"`
	Done       int            `json:"done_faults"`
	Skipped    map[string]int `json:"skipped_faults,omitempty"` // by reason
	Phases     []JSONPhase    `json:"phases"`
	Hits       []JSONHit      `json:"hits"`
	Verdicts   []JSONVerdict  `json:"verdicts"`
	Recoveries []JSONRecovery `json:"recoveries"`
}

// JSONPhase is a phase that began.
type JSONPhase struct {
	Phase   chaos.Phase `json:"phase"`
	From    float64     `json:"from_ms"`
	To      float64     `json:"to_ms"`
	Failure string      `json:"failure,omitempty"` // why it did not come to its end
}

// JSONHit is what became of a planned hit, in the order in which that was settled.
type JSONHit struct {
	Planned float64 `json:"planned_ms"`        // since the phase of faults began
	Service string  `json:"service,omitempty"` // "": it is done to the supervisor
	Fault   string  `json:"fault"`
	Arg     string  `json:"arg,omitempty"`
	Skipped string  `json:"skipped,omitempty"`   // why it was not done; then there is no more
	At      float64 `json:"at_ms,omitempty"`     // when it was done
	Pid     int     `json:"pid,omitempty"`       // to which process
	Undone  float64 `json:"undone_ms,omitempty"` // when it was, if it lasts
	Lethal  bool    `json:"lethal,omitempty"`    // it must have ended the process
}

// JSONVerdict is one verdict.
type JSONVerdict struct {
	Number   int           `json:"number"`
	Name     string        `json:"name"`
	Outcome  chaos.Outcome `json:"outcome"`
	Evidence []string      `json:"evidence,omitempty"`
}

// JSONRecovery says how late the restarts of one service came, beyond their
// schedule.
type JSONRecovery struct {
	Service string  `json:"service"`
	Count   int     `json:"count"`
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`
}

// Data is the result as plain data.
func (r Result) Data() JSON {
	done, skipped := r.hits()
	j := JSON{
		Version: SchemaVersion, Outcome: r.Outcome(), Status: r.Status, Seed: r.History.Plan.Seed, Command: r.Command,
		Duration: ms(r.History.Plan.Duration), Expected: r.Expected, Planned: len(r.History.Plan.Faults), Done: done, Skipped: skipped,
		Phases: []JSONPhase{}, Hits: []JSONHit{}, Verdicts: []JSONVerdict{}, Recoveries: []JSONRecovery{},
	}
	for _, s := range r.History.Phases {
		j.Phases = append(j.Phases, JSONPhase{s.Phase, ms(s.From), ms(s.To), s.Failure})
	}
	for _, d := range r.History.Injections {
		j.Hits = append(j.Hits, JSONHit{ms(d.PlannedFault.At), d.Service, d.Fault, d.Arg, d.Skipped, ms(d.At), d.Pid, ms(d.UndoneAt), d.Lethal})
	}
	for _, v := range r.Verdicts {
		j.Verdicts = append(j.Verdicts, JSONVerdict{v.Number, v.Name, v.Outcome, v.Evidence})
	}
	for _, rec := range r.History.Recoveries() {
		j.Recoveries = append(j.Recoveries, JSONRecovery{
			Service: rec.Service, Count: len(rec.Times),
			P50: ms(rec.Quantile(0.5)), P95: ms(rec.Quantile(0.95)), P99: ms(rec.Quantile(0.99)), Max: ms(rec.Quantile(1)),
		})
	}
	return j
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// EncodeJSON writes the result for machines.
func EncodeJSON(r Result) []byte {
	text, err := json.MarshalIndent(r.Data(), "", "  ")
	if err != nil {
		panic(err) // numbers and strings always become JSON
	}
	return append(text, '\n')
}

// DecodeJSON reads an earlier report, of this version or an earlier one.
func DecodeJSON(text []byte) (*JSON, error) {
	var j JSON
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("this is no report of gosv chaos: %w", err)
	}
	if j.Version < 1 || j.Version > SchemaVersion {
		return nil, fmt.Errorf("the report has version %d, and this gosv reads versions 1 to %d", j.Version, SchemaVersion)
	}
	return &j, nil
}
