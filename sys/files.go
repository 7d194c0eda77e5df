package sys

// Files reads and writes the cgroup file system and /proc. Paths are absolute.
// It is not for files of users, which may hang.
type Files interface {
	// ReadFile reads a whole file (at most 16 MiB; EFBIG beyond).
	ReadFile(path string) ([]byte, error)
	// WriteFile writes data by one write(2) to a file that exists.
	WriteFile(path string, data []byte) error
	// Mkdir makes a directory with mode 0755, Rmdir removes an empty one.
	Mkdir(path string) error
	Rmdir(path string) error
	// ReadDir gives the names in a directory, sorted.
	ReadDir(path string) ([]string, error)
	// Readlink is readlink(2).
	Readlink(path string) (string, error)
	// Lock takes an exclusive flock(2) on a directory and does not wait for it. It
	// is held until Unlock, or until gosv's process ends, in whatever way.
	// EWOULDBLOCK: it is held, by somebody else or by gosv. ENOENT: the directory
	// is not there, or the one that was locked is not the one that now bears
	// the name.
	Lock(path string) error
	// Unlock gives it up. The directory may be gone.
	Unlock(path string)
	// Locker gives the number of the process that took the lock of a directory
	// (/proc/locks), and keeps it when that has ended and a child of it has the
	// lock. 0: it is free, or who took it cannot be seen: from within a pid
	// namespace, those outside of it and those that have ended.
	Locker(path string) (pid int, err error)
}

// WatchID names a watch; never reused.
type WatchID uint64

// Watcher tells when a file of the cgroup file system was modified (inotify
// IN_MODIFY on cgroup.events or memory.events). Notices merge and come late (the
// kernel limits them to one in 10 ms): reading the file is the truth.
type Watcher interface {
	// Watch begins to watch; look at the file after, not before.
	Watch(path string) (WatchID, error)
	// Unwatch ends it. A removed file needs it too.
	Unwatch(WatchID)
	// Changed drains the watches that fired since the last call.
	Changed() []WatchID
}

// Job is work that may block. It runs outside the loop and may use Files,
// OpenPid and Close; its result comes back from Finished.
type Job func() (result any)

// Worker runs jobs outside the loop, each once, several at a time, in no
// promised order.
type Worker interface {
	Submit(Job)
	// Finished drains the results that have come.
	Finished() []any
}
