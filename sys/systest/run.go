package systest

import "testing"

// testcase is one promise of package sys, named by a sentence.
type testcase struct {
	name string
	run  func(*scene)
}

// Run holds a kernel to every promise. newWorld is called once for each case.
func Run(t *testing.T, newWorld func(*testing.T) World) {
	for _, group := range []struct {
		name  string
		cases []testcase
	}{
		{"clock", clockCases},
		{"wait", waitCases},
		{"inbox", inboxCases},
		{"spawn", spawnCases},
		{"attributes", attributeCases},
		{"start errors", errorCases},
		{"abort", abortCases},
		{"output", outputCases},
		{"reap", reapCases},
		{"signal", signalCases},
		{"orphan", orphanCases},
		{"sibling", siblingCases},
		{"traced", tracedCases},
		{"proc", procCases},
		{"files", fileCases},
		{"lock", lockCases},
		{"cgroup", cgroupCases},
		{"frozen", frozenCases},
		{"attach", attachCases},
		{"end-leader", endLeaderCases},
		{"reuse", reuseCases},
		{"terminal", terminalCases},
		{"worker", workerCases},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) { play(t, newWorld(t), c.run) })
			}
		})
	}
}

func play(t *testing.T, w World, run func(*scene)) {
	s := &scene{T: t, World: w, Kernel: w.Kernel}
	if err := s.BecomeSubreaper(); err != nil {
		t.Fatalf("BecomeSubreaper: %v; without it what a case leaves behind cannot be seen", err)
	}
	t.Cleanup(s.clear)
	run(s)
}
