package linux

// ForceClone makes starts use clone(2), as on a machine that refuses clone3(2).
func (k *Kernel) ForceClone() { k.features.clone3 = false }

// Workers returns how many threads start processes and run jobs.
func (k *Kernel) Workers() int {
	p := k.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.workers
}

// MinWorkers is how many there are at first.
const MinWorkers = minWorkers

var (
	Milliseconds = milliseconds
	ParseShebang = parseShebang
)

// CleanMappings returns beginnings and ends.
func CleanMappings(smaps, file string) (clean [][2]uintptr) {
	for _, m := range cleanMappings(smaps, file) {
		clean = append(clean, [2]uintptr{m.begin, m.end})
	}
	return clean
}
