package cgroupfs

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
)

func limited(name string, l config.Limits) config.Service {
	svc := config.NewService(name, "true")
	svc.Limits = l
	return svc
}

func TestUnmetGivesEachReasonOnce(t *testing.T) {
	f := Findings{{Controller: Memory, Text: "no memory"}, {Controller: Pids, Text: "no pids"}}
	services := []config.Service{
		limited("web", config.Limits{MemoryMax: 1, MemoryHigh: 1, CPUPercent: 50}),
		limited("free", config.Limits{}),
		limited("worker", config.Limits{MemoryMax: 1, PidsMax: 9}),
	}
	assert.Equal(t, []string{
		"memory_mb (web, worker) and memory_high_mb (web) are not in force: no memory",
		"pids_max (worker) is not in force: no pids",
	}, f.Unenforceable(services))
	assert.Empty(t, f.Unenforceable(services[1:2]))
	assert.Empty(t, Findings{}.Unenforceable(services))
	assert.Equal(t, []string{"memory_mb (worker) and pids_max (worker) are not in force: nothing at all"},
		Findings{{Text: "nothing at all"}}.Unenforceable(services[1:]))
}

func TestUnmetNamesAFewOfACrowd(t *testing.T) {
	var crowd []config.Service
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		crowd = append(crowd, limited(name, config.Limits{PidsMax: 1}))
	}
	assert.Equal(t, []string{"pids_max (a, b, c, d, e and 2 more) is not in force: why"}, Findings{{Text: "why"}}.Unenforceable(crowd))
	assert.Equal(t, []string{"pids_max (a, b, c, d, e) is not in force: why"}, Findings{{Text: "why"}}.Unenforceable(crowd[:5]))
}
