package chaos

// Outcome is the result of one verdict, or of a run.
type Outcome string

// The outcomes.
const (
	Pass         Outcome = "pass"
	Fail         Outcome = "fail"
	Inconclusive Outcome = "inconclusive" // nothing can be said; never a pass
	// Crashed is that of a run only: the supervisor crashed or hung.
	Crashed Outcome = "crashed"
)

// Verdict is the answer to one question about a run.
type Verdict struct {
	Number  int // 1..10, as in the documentation
	Name    string
	Outcome Outcome
	// Evidence are the facts it rests on, a line each; the first Wrong of them
	// contradict it.
	Evidence []string
	Wrong    int
}
