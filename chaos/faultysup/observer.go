package faultysup

import (
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// DropChanges does not report that a service is running.
func DropChanges(o supervisor.Observer) supervisor.Observer { return dropChanges{o} }

type dropChanges struct{ supervisor.Observer }

func (o dropChanges) Changed(c supervisor.Change) {
	if c.State.Phase != lifecycle.Running {
		o.Observer.Changed(c)
	}
}

// ReportStopped reports a running service as stopped.
func ReportStopped(o supervisor.Observer) supervisor.Observer { return reportStopped{o} }

type reportStopped struct{ supervisor.Observer }

func (o reportStopped) Changed(c supervisor.Change) {
	if c.State.Phase == lifecycle.Running {
		c.State.Phase = lifecycle.Stopped
	}
	o.Observer.Changed(c)
}
