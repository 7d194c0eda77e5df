package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// An essential service ends gosv only when it is given up: not before a restart, and not
// when an operator stops it.
func TestTheEndOfAnEssentialServiceEndsGosv(t *testing.T) {
	stop := lifecycle.Stop
	for name, tt := range map[string]struct {
		adjust  func(*Service)
		actions []Action
		want    string // the service whose end ended gosv
		took    time.Duration
	}{
		"exited":     {adjust: func(s *Service) { s.Restart = config.RestartNever }, want: "main", took: 5 * time.Second},
		"given up":   {adjust: func(s *Service) { s.MaxRestarts = 1 }, want: "main", took: 9 * time.Second},
		"restarted":  {adjust: func(s *Service) { s.MaxRestarts = config.Unlimited }},
		"stopped":    {adjust: func(*Service) {}, actions: []Action{{At: time.Second, Service: "main", Command: &stop}}},
		"at the end": {adjust: func(s *Service) { s.Restart = config.RestartNever }, actions: []Action{{At: 2 * time.Second, Signal: 15}}},
	} {
		t.Run(name, func(t *testing.T) {
			main, web := NewService("main", "on TERM {sleep 2s; exit 7}; sleep 3s; exit 7"), NewService("web", "on TERM {sleep 2s; exit 0}; sleep forever")
			main.Essential = true
			tt.adjust(&main)
			r := Scenario{Services: []Service{main, web}, Actions: tt.actions, EndAt: 20 * time.Second}.RunTraced(fakesys.Zero{})
			require.Empty(t, r.Violations)
			assert.Equal(t, tt.want, r.Result.Essential)
			if tt.want == "" {
				return
			}
			assert.Equal(t, 7, r.Result.Last.ExitCode())
			last := r.Changes[len(r.Changes)-1]
			assert.Equal(t, "web", last.Service, "the other service had its grace")
			assert.InDelta(t, tt.took.Seconds(), last.At.Seconds(), 0.1)
		})
	}
}
