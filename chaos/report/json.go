package report

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gosv/gosv/chaos"
)

// SchemaVersion changes when a reader of the JSON would have to.
const SchemaVersion = 1

// JSON is the machine's form of a result. Durations are milliseconds.
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
	Verdicts   []JSONVerdict  `json:"verdicts"`
	Recoveries []JSONRecovery `json:"recoveries"`
}

// JSONVerdict is one verdict.
type JSONVerdict struct {
	Number   int           `json:"number"`
	Name     string        `json:"name"`
	Service  string        `json:"service,omitempty"`
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
		Duration: ms(r.History.Plan.Duration), Expected: r.Expected, Planned: len(r.History.Plan.Hits), Done: done, Skipped: skipped,
		Verdicts: []JSONVerdict{}, Recoveries: []JSONRecovery{},
	}
	for _, v := range r.Verdicts {
		j.Verdicts = append(j.Verdicts, JSONVerdict(v))
	}
	for _, rec := range r.History.Recoveries() {
		j.Recoveries = append(j.Recoveries, JSONRecovery{
			Service: rec.Service, Count: len(rec.Late),
			P50: ms(rec.At(0.5)), P95: ms(rec.At(0.95)), P99: ms(rec.At(0.99)), Max: ms(rec.At(1)),
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

// DecodeJSON reads an earlier report.
func DecodeJSON(text []byte) (*JSON, error) {
	var j JSON
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("this is no report of gosv chaos: %w", err)
	}
	if j.Version != SchemaVersion {
		return nil, fmt.Errorf("the report has version %d, and this gosv reads version %d", j.Version, SchemaVersion)
	}
	return &j, nil
}
