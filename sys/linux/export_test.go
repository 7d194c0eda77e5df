package linux

// ForceClone makes starts use clone(2), as on a machine that refuses clone3(2).
func ForceClone(yes bool) { noClone3.Store(yes) }

// Threads tells how many threads start processes.
func (k *Kernel) Threads() int { return len(k.starts.threads) }

// MinThreads is how many there are at first.
const MinThreads = minThreads

var (
	Milliseconds = milliseconds
	ParseShebang = parseShebang
)
