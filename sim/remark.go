package sim

import (
	"fmt"

	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// remarks puts what the supervisor says of its services into the trace, where it
// stands among the causes: a restart comes of the deadline that a failure has set.
type remarks struct{ *checker }

func (s Scenario) observer(c *checker) supervisor.Observer {
	if c.keep {
		return remarks{c}
	}
	return c
}

// Changed implements supervisor.Observer.
func (r remarks) Changed(ch supervisor.Change) {
	text := fmt.Sprintf("%s %v -> %v by %v", ch.Service, ch.From, ch.State.Phase, ch.Cause)
	if ch.Cause == lifecycle.MainExited || ch.Cause == lifecycle.SpawnFailed {
		text += fmt.Sprintf(" (%v)", ch.State.Last)
	}
	due := ch.State.Deadline
	if due == lifecycle.Never {
		due = 0
	} else {
		text += fmt.Sprintf(", until %v", due)
	}
	r.k.Remark(text, due)
	if ch.From != ch.State.Phase {
		r.timeline.changed(r.byName[ch.Service], ch.At, ch.State.Phase, text)
	}
	r.checker.Changed(ch)
}
