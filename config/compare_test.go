package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
)

func TestCompare(t *testing.T) {
	same := func(s *config.Service) {}
	for name, c := range map[string]struct {
		change func(*config.Service)
		want   config.Action
		keys   []string
	}{
		"nothing":                       {same, config.Unchanged, nil},
		"a limit":                       {func(s *config.Service) { s.Limits.MemoryMax = 1 << 20 }, config.ApplyLive, []string{"memory_mb"}},
		"the policy":                    {func(s *config.Service) { s.MaxRestarts, s.Backoff.Max = 9, time.Hour }, config.ApplyLive, []string{"backoff", "max_restarts"}},
		"what the next start needs":     {func(s *config.Service) { s.StartTimeout = time.Hour }, config.AtNextStart, []string{"start_timeout"}},
		"the command":                   {func(s *config.Service) { s.Command = "other" }, config.RestartIt, []string{"command"}},
		"the environment and the limit": {func(s *config.Service) { s.Env, s.Limits.PidsMax = map[string]string{"A": "b"}, 3 }, config.RestartIt, []string{"env", "pids_max"}},
	} {
		before, after := config.NewService("web", "web"), config.NewService("web", "web")
		c.change(&after)
		got := config.Compare([]config.Service{before}, []config.Service{after})
		assert.Equal(t, []config.Change{{Service: "web", Action: c.want, Keys: c.keys}}, got, name)
	}
}

func TestCompareFindsNewAndRemovedServices(t *testing.T) {
	one := func(name string) config.Service { return config.NewService(name, "x") }
	got := config.Compare([]config.Service{one("a"), one("b")}, []config.Service{one("c"), one("b")})
	assert.Equal(t, []config.Change{
		{Service: "c", Action: config.StartIt}, {Service: "b", Action: config.Unchanged}, {Service: "a", Action: config.StopIt},
	}, got)
}
