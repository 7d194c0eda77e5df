package sys

// FileReader reads the cgroup file system and /proc. Paths are absolute. It is
// not meant for files of users, which may hang.
type FileReader interface {
	// ReadFile reads a whole file (at most 16 MiB; EFBIG beyond).
	ReadFile(path string) ([]byte, error)
	// ReadDir returns the entries of a directory, sorted by name.
	ReadDir(path string) ([]DirEntry, error)
	// Readlink is readlink(2).
	Readlink(path string) (string, error)
}

// DirEntry is an entry of a directory.
type DirEntry struct {
	Name string
	Dir  bool // it is a directory, and no link to one
}

// EntryNames returns the names of the entries of a directory.
func EntryNames(entries []DirEntry) []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return names
}

// FileWriter changes the cgroup file system.
type FileWriter interface {
	// WriteFile writes data by one write(2) to a file that exists.
	WriteFile(path string, data []byte) error
	// Mkdir makes a directory with mode 0755, Rmdir removes an empty one.
	Mkdir(path string) error
	Rmdir(path string) error
}

// Locker locks directories.
type Locker interface {
	// Lock takes an exclusive flock(2) on a directory and does not wait for it.
	// The lock is held until Unlock, or until gosv's process ends for whatever
	// reason. EWOULDBLOCK: another process or gosv itself holds it. ENOENT: the
	// directory does not exist, or was replaced while it was being locked.
	Lock(path string) error
	// Unlock releases the lock. The directory may have been removed.
	Unlock(path string)
	// LockOwner returns the PID of the process that took the lock of a directory
	// (/proc/locks), also if that process has ended and a child that inherited
	// the descriptor still holds the lock. 0: the directory is not locked, or the
	// owner cannot be seen, as it is outside gosv's PID namespace or it was in
	// it and has ended.
	LockOwner(path string) (pid int, err error)
}

// Files is everything that gosv does with the cgroup file system and /proc. All
// of it is safe for concurrent use.
type Files interface {
	FileReader
	FileWriter
	Locker
}

// WatchID identifies a watch; never reused.
type WatchID uint64

// Watcher reports modified files of the cgroup file system (inotify IN_MODIFY on
// cgroup.events or memory.events). Reports may merge and come late (the kernel
// limits them to one in 10 ms), so read the file to learn its state.
type Watcher interface {
	// Watch begins to watch; read the file after it, not before.
	Watch(path string) (WatchID, error)
	// Unwatch ends a watch, also one of a file that was removed.
	Unwatch(WatchID)
	// Changed drains the watches that fired since the last call.
	Changed() []WatchID
}

// JobKernel is what a Job may use. All of it is safe for concurrent use.
type JobKernel interface {
	Clock
	FileReader
	FileWriter
	// OpenPid and Close are those of Signaler.
	OpenPid(pid int) (Handle, error)
	Close(Handle)
}

// Job is work that may block. It runs outside the loop and uses no kernel but
// the one that it is given; Finished returns its result.
type Job func(JobKernel) (result any)

// Worker runs jobs outside the loop, each once, several at a time, in no
// particular order. A job that blocks does not keep others from running.
type Worker interface {
	Submit(Job)
	// Finished drains the results of jobs that have ended.
	Finished() []any
}
