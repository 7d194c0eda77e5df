package instance

// escape: an empty cgroup does not mean any more that the instance is empty.
func escape(t *turn) {
	if t.State.Place != InCgroup {
		t.Ignored = AlreadySeen
		return
	}
	t.State.Place = EscapedCgroup
	t.Do |= ReportEscape
}

// placeLost is an escape for all that is known.
func placeLost(t *turn) {
	if t.State.Place != InCgroup {
		t.Ignored = AlreadySeen
		return
	}
	t.State.Place = EscapedCgroup
}

// leaveGroup: the main process is signalled by itself from now on.
func leaveGroup(t *turn) {
	if t.State.Group == LeftGroup {
		t.Ignored = AlreadySeen
		return
	}
	t.State.Group = LeftGroup
	if t.State.Signals == Stopping && t.State.Main == Alive {
		t.Do |= StopMain // the signal to the group may not have reached it
	}
}

// stillAlive: a main process whose exit was announced may be the zombie of its
// tracer, which may be a member of the instance.
func stillAlive(t *turn) {
	if t.State.Signals == Killing {
		t.Do |= AskScan
		return
	}
	t.Ignored = NoMatter
}

func lookAgain(t *turn) { t.Do |= LookAgain }

func exit(t *turn) {
	t.State.Main = Zombie
	if t.e.Reaped {
		t.State.Main = Reaped
		if t.State.TrackedByScan() {
			t.State.Group = Unpinned
		}
	}
}

// statusLost: nothing pinned the PID of the main process for a while, so the
// process group may be another one by now.
func statusLost(t *turn) {
	t.State.Main, t.State.Group = Reaped, Unpinned
	t.Do |= ReportStatusLost
}

// stolenZombie is a zombie that was held and that another process reaped.
func stolenZombie(t *turn) { t.State.Main, t.State.Group = Reaped, Unpinned }

func recheck(t *turn) { t.Do |= Recheck }

func zombieLast(t *turn) {
	t.State.Main = Empty
	t.Do |= ReapMain | Release
}

func noneLeft(t *turn) {
	t.State.Main = Empty
	t.Do |= Release
}
