package linux

// ForceClone makes starts use clone(2), as on a machine that refuses clone3(2).
func (k *Kernel) ForceClone() { k.features.clone3 = false }

// Starters returns how many threads start processes.
func (k *Kernel) Starters() int {
	p := k.starts.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.workers
}

// MinStarters is how many there are at first.
const MinStarters = minStarters

var (
	Milliseconds = milliseconds
	ParseShebang = parseShebang
)
