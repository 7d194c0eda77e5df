package instance

// abort has the child of the spawn killed, again if that was asked for before.
func abort(t *turn) {
	if t.State.Spawn == Requested {
		t.State.Spawn = Aborting
	}
	t.Do |= AbortSpawn
}

// abandon stops waiting for a result that may never come: an exec can hang for
// ever on a dead disk.
func abandon(t *turn) { t.State.Spawn = Abandoned }

func spawnDone(t *turn) { t.State.Spawn, t.State.Main = Spawned, Alive }

func spawnFailed(t *turn) {
	t.State.Spawn = NotSpawned
	t.Do |= Release
}
