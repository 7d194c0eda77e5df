package live

import (
	"bufio"
	"encoding/json"
	"os"
	"time"

	"github.com/gosv/gosv/chaos"
)

// event is a line of gosv's event log (gosv --events).
type event struct {
	Type     string        `json:"type"`
	At       time.Duration `json:"monotonic_ns"`
	Service  string        `json:"service"`
	From     string        `json:"from"`
	To       string        `json:"to"`
	Cause    string        `json:"cause"`
	Pid      int           `json:"pid"`
	Attempt  int           `json:"attempt"`
	Restarts int           `json:"restarts"`
	Delay    time.Duration `json:"delay_ns"`
	Outcome  string        `json:"outcome"`
}

// readEvents hands the lines of an event log on, up to its end. A line that cannot
// be read is told of a service without a name: the judge finds it.
func readEvents(log *os.File, told chan<- chaos.Event) {
	defer close(told)
	defer log.Close()
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			e = event{At: now(), Outcome: "not an event: " + lines.Text()}
		} else if e.Type != "change" {
			continue
		}
		told <- chaos.Event{
			At: e.At, Service: e.Service, From: e.From, To: e.To, Cause: e.Cause, Pid: e.Pid,
			Attempt: e.Attempt, Restarts: e.Restarts, Delay: e.Delay, Outcome: e.Outcome,
		}
	}
}
