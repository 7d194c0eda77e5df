package backend

import (
	"context"

	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/logs"
)

// Lines gives clients the last lines of services. It implements control.Logs.
type Lines struct{ Recent *logs.Recent }

// Tail implements control.Logs.
func (l Lines) Tail(services []string, n int) ([]api.Line, uint64) {
	lines, next := l.Recent.Tail(services, n)
	return apiLines(lines), next
}

// Follow implements control.Logs.
func (l Lines) Follow(ctx context.Context, services []string, seq uint64) ([]api.Line, uint64, error) {
	lines, next, err := l.Recent.Follow(ctx, services, seq)
	return apiLines(lines), next, err
}

func apiLines(lines []logs.RecentLine) []api.Line {
	all := make([]api.Line, len(lines))
	for i, line := range lines {
		all[i] = api.Line{Seq: line.Seq, Time: line.Time, Service: line.Service, Text: line.Text, Dropped: line.Dropped}
	}
	return all
}

var _ control.Logs = Lines{}
