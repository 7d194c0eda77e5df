package instance

// stop signals the process group at once. Members outside of it are looked for a
// moment later: most services are gone by then.
func stop(t *turn) {
	if t.State.Signals == Killing {
		t.Ignored = NoMatter
		return
	}
	t.State.Signals = Stopping
	t.Do |= StopGroup | FollowUpStop
}

// killAlive kills an instance whose main process is alive. The process group is
// killed in any case: the main process may have been moved out of its cgroup.
func killAlive(t *turn) {
	t.reportKill()
	t.kill()
}

// killLeftovers kills what a main process left. Where only a process scan can
// find out whether anything is left, nothing is reported before it was found.
func killLeftovers(t *turn) {
	if !t.State.TrackedByScan() || t.State.Main == Zombie && t.e.GroupAlive {
		t.reportKill()
	}
	t.kill()
}

func (t *turn) kill() {
	t.State.Signals = Killing
	if t.State.Pinned() {
		t.Do |= KillGroup
	}
	if t.State.Place != NoCgroup {
		t.Do |= KillCgroup
	}
	if t.State.TrackedByScan() {
		t.Do |= AskScan
	}
}

func (t *turn) reportKill() {
	if !t.State.KillReported {
		t.State.KillReported = true
		t.Do |= ReportKill
	}
}

// freeze: the members stand still while they are found and killed one by one.
func freeze(t *turn) {
	t.State.Frozen = true
	t.Do |= AskScan
}

// scanned follows a scan whose members have been signalled.
func scanned(t *turn) {
	if t.e.Found > 0 && t.State.Signals == Killing {
		t.reportKill()
	}
	if t.State.Frozen && t.State.Signals == Killing {
		t.State.Frozen = false
		t.Do |= Thaw
	}
	if t.Do == 0 {
		t.Ignored = NoMatter
	}
}
