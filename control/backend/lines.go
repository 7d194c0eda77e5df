package backend

import (
	"context"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/logs"
)

// Lines is the history of output as the control API shows it.
type Lines struct{ History *logs.History }

// Tail implements control.Logs.
func (l Lines) Tail(services []string, n int) ([]api.Line, uint64) {
	lines, next := l.History.Tail(services, n)
	return apiLines(lines), next
}

// Follow implements control.Logs.
func (l Lines) Follow(ctx context.Context, services []string, seq uint64) ([]api.Line, uint64, error) {
	lines, next, err := l.History.Follow(ctx, services, seq)
	return apiLines(lines), next, err
}

func apiLines(found []logs.Line) (lines []api.Line) {
	for _, l := range found {
		lines = append(lines, api.Line{
			Seq: l.Seq, Time: l.Time, Service: l.Service, Text: l.Text, Dropped: l.Dropped,
		})
	}
	return lines
}
