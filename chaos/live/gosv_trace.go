package live

import (
	"os"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/sys/tracesys"
	"github.com/gosv/gosv/sys/tracesys/admit"
)

// Tracer is a supervisor whose calls to the kernel were recorded.
type Tracer interface {
	// Traced holds the simulated kernel to what the real one answered. It is called
	// when the supervisor has ended.
	Traced() (chaos.Trace, error)
}

// Traced implements Tracer.
func (g *Gosv) Traced() (chaos.Trace, error) {
	if g.Trace == "" {
		return chaos.Trace{}, nil
	}
	file, err := os.Open(g.Trace)
	if err != nil {
		return chaos.Trace{}, err
	}
	defer file.Close()
	trace, err := tracesys.Read(file)
	if err != nil {
		return chaos.Trace{}, err
	}
	t := chaos.Trace{Checked: true, Calls: len(trace.Calls)}
	if err := admit.Check(trace); err != nil {
		t.Divergence = err.Error()
	}
	return t, nil
}
