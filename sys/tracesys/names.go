package tracesys

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// names gives the symbolic names of a trace. It is not safe for concurrent use.
type names struct {
	pids        map[int]string
	fresh       []string // notes on new numbers, for people
	handles     map[sys.Handle]string
	lastHandle  int
	invocations map[string]string
	listed      map[string]bool // of /proc, when it was last listed
}

// newNames has given none yet.
func newNames() *names {
	return &names{pids: map[int]string{}, handles: map[sys.Handle]string{}, invocations: map[string]string{}}
}

// Pid names a PID, with the same name each time it comes.
func (n *names) Pid(pid int) string {
	if pid <= 0 {
		return strconv.Itoa(pid) // no process, or one of another namespace
	}
	name, known := n.pids[pid]
	if !known {
		name = "P" + strconv.Itoa(len(n.pids)+1)
		n.pids[pid] = name
		n.fresh = append(n.fresh, fmt.Sprintf("# %s is %d\n", name, pid))
	}
	return name
}

// number is pid for a word that may be no number.
func (n *names) number(word string) string {
	if pid, err := strconv.Atoi(word); err == nil && strconv.Itoa(pid) == word {
		return n.Pid(pid)
	}
	return word
}

// newHandle names a handle that was just given out.
func (n *names) newHandle(h sys.Handle) string {
	n.lastHandle++
	name := "h" + strconv.Itoa(n.lastHandle)
	n.handles[h] = name
	return name
}

func (n *names) handle(h sys.Handle) string {
	if name, ok := n.handles[h]; ok {
		return name
	}
	return "h?" // an unknown one: the call is a bug of the program
}

// takeHandle gives the last use of a handle's name.
func (n *names) takeHandle(h sys.Handle) string {
	name := n.handle(h)
	delete(n.handles, h)
	return name
}

// Invocation names the value of an invocation variable, each part of it: a supervisor
// that is a service puts its own behind that of the other. "" has no name.
func (n *names) Invocation(value string) string {
	parts := strings.Split(value, "/")
	for i, part := range parts {
		parts[i] = n.invocation(part)
	}
	return strings.Join(parts, "/")
}

func (n *names) invocation(value string) string {
	if value == "" {
		return ""
	}
	name, known := n.invocations[value]
	if !known {
		name = "i" + strconv.Itoa(len(n.invocations)+1)
		n.invocations[value] = name
	}
	return name
}

func start(id sys.SpawnID) string { return "s" + strconv.FormatUint(uint64(id), 10) }
func watch(id sys.WatchID) string { return "w" + strconv.FormatUint(uint64(id), 10) }
func jobName(id uint64) string    { return "j" + strconv.FormatUint(id, 10) }
func procRest(path string) string { return strings.TrimPrefix(path, "/proc/") }
func isProc(path string) bool     { return strings.HasPrefix(path, "/proc/") }
func lastElement(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }
func words(text string) []string  { return strings.Fields(text) }
func isNumber(word string) bool   { _, err := strconv.Atoi(word); return err == nil }

// path gives a path with names in place of the PIDs of /proc.
func (n *names) path(path string) string {
	if !isProc(path) {
		return path
	}
	parts := strings.Split(procRest(path), "/")
	parts[0] = n.number(parts[0])
	if len(parts) > 2 && parts[1] == "task" {
		parts[2] = n.number(parts[2])
	}
	return "/proc/" + strings.Join(parts, "/")
}
