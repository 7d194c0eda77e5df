package linux

// ForceClone makes starts use clone(2), as on a machine that refuses clone3(2).
func ForceClone(yes bool) { noClone3.Store(yes) }

// Threads tells how many threads start processes.
func (k *Kernel) Threads() int {
	k.starts.mu.Lock()
	defer k.starts.mu.Unlock()
	return k.starts.threads
}

var (
	Milliseconds = milliseconds
	ParseShebang = parseShebang
)
