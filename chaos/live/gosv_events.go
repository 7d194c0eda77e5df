package live

import (
	"bufio"
	"encoding/json"
	"os"
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/internal/signame"
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
	ExitCode *int          `json:"exit_code"`
	Signal   string        `json:"signal"`
	Step     string        `json:"step"`
	Errno    syscall.Errno `json:"errno"`
}

func (e event) exit() chaos.ExitStatus {
	if sig, ok := signame.Parse(e.Signal); ok {
		return chaos.ExitStatus{Known: true, Signal: sig}
	}
	if e.ExitCode != nil {
		return chaos.ExitStatus{Known: true, Code: *e.ExitCode}
	}
	return chaos.ExitStatus{}
}

// readEvents passes the changes of services on, up to the end of the event log. A line
// that cannot be read becomes an event of a service without a name, which the judge
// reports.
func readEvents(log *os.File, events chan<- chaos.Event) {
	defer close(events)
	defer log.Close()
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			e = event{At: now(), Outcome: "not an event: " + lines.Text()}
		} else if e.Type != "change" {
			continue
		}
		events <- chaos.Event{
			At: e.At, Service: e.Service, From: e.From, To: e.To, Cause: e.Cause, Pid: e.Pid, Attempt: e.Attempt, Restarts: e.Restarts,
			Delay: e.Delay, Exit: e.exit(), Step: e.Step, Errno: e.Errno, Outcome: e.Outcome,
		}
	}
}
