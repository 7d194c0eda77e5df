package instance

// Answer is what is known of a fact.
type Answer uint8

const (
	Unknown Answer = iota // noOwner has asked
	No
	Yes // also if the question could not be answered
)

// Facts are the answers of the kernel that decide whether an instance is empty.
// Those that could not be had count as Yes: something may live.
type Facts struct {
	Populated  Answer // something lives in its cgroup
	GroupAlive Answer // a child of gosv lives in its process group
	Orphans    Answer // gosv has an adopted child
}

// Fact names one of the Facts.
type Fact uint8

// The facts.
const (
	None Fact = iota
	Populated
	GroupAlive
	Orphans
)

// Empty reports whether nothing of the instance lives, as far as that can be seen at
// once, or names the fact that has to be asked for next.
//
// An instance with a cgroup is empty when its cgroup is. Otherwise the topmost
// living member is a child of gosv: an orphan that gosv has adopted, or a sibling
// of the main process (clone(2) with CLONE_PARENT), which is in its process group.
// The group is asked for before the orphans: a sibling that dies in between leaves
// its own children to gosv, which then has an orphan. The other way round they
// would be missed.
func (s State) Empty(f Facts) (empty bool, next Fact) {
	if s.Place != NoCgroup {
		switch f.Populated {
		case Unknown:
			return false, Populated
		case Yes:
			return false, None
		}
	}
	if s.Place == InCgroup {
		return true, None
	}
	switch f.GroupAlive {
	case Unknown:
		return false, GroupAlive
	case Yes:
		return false, None
	}
	if f.Orphans == Unknown {
		return false, Orphans
	}
	return f.Orphans == No, None
}

// MayReap reports whether the zombie of the main process is of no use: with a cgroup,
// or if nothing else of the instance can be left, noOwner needs its PID pinned.
func (s State) MayReap(noOrphans bool) bool { return noOrphans || s.Place == InCgroup }
