package live

import "slices"

// adoptedUnmarked returns living processes that the supervisor adopted and that do not have
// the mark: what a service left behind that cleared its environment.
func (o *observer) adoptedUnmarked() (found []Process) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for pid, start := range o.adopted {
		p, marked := readProcess(pid)
		if p.Pid == 0 || marked || p.Run != "" || p.StartTime != start || o.isKnown(p) {
			delete(o.adopted, pid)
			continue
		}
		found = append(found, p)
	}
	slices.SortFunc(found, func(a, b Process) int { return a.Pid - b.Pid })
	return found
}

// trackAdopted treats them as processes of the run from now on: the supervisor is gone.
func (o *observer) trackAdopted() {
	for _, p := range o.adoptedUnmarked() {
		o.remember(p, "")
	}
}
