package sim_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets garbage pile up: every run leaves a world behind, and a
// collection after each four megabytes takes a quarter of the time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
