package chaos

// Outcome is the result of one verdict, or of a run.
type Outcome string

// The outcomes.
const (
	Pass         Outcome = "pass"
	Fail         Outcome = "fail"
	Inconclusive Outcome = "inconclusive" // the history does not decide it; not a pass
	NotRun       Outcome = "not run"      // of a verdict only: it was not requested
	Crashed      Outcome = "crashed"      // of a run only: the supervisor crashed or hung
)

// Verdict is the answer to one question about a run.
type Verdict struct {
	Number  int // as in docs/reference/chaos.md
	Name    string
	Outcome Outcome
	// Evidence are facts, one sentence each. The first Violations of them contradict
	// the verdict.
	Evidence   []string
	Violations int
}
