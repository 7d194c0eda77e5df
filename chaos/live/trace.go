package live

import (
	"context"
	"fmt"

	"github.com/gosv/gosv/chaos"
)

// trace has the recorded calls of the supervisor judged, if there are any; that can
// take as long as the run, and is given up when the operator wants the end.
func (r *run) trace(ctx context.Context) {
	tracer, ok := r.Supervisor.(Tracer)
	if !ok || r.h.End.Early || r.h.End.Hung {
		return
	}
	type answer struct {
		chaos.Trace
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		t, err := tracer.Traced()
		answers <- answer{t, err}
	}()
	select {
	case a := <-answers:
		r.h.Trace = a.Trace
		if a.err != nil {
			r.fail(fmt.Errorf("the trace cannot be judged: %w", a.err))
		}
	case <-ctx.Done():
	}
}
