package admit

import (
	"slices"
	"strings"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/tracesys"
)

// clues are what later calls of the trace say about who somebody is, and how he
// ends. They decide between explanations, and explain nothing themselves.
type clues struct {
	calls   []tracesys.Call
	results map[string]foundResult // by the start; nil until it is asked for
}

// foundResult is the result of a start, and in which call it stands.
type foundResult struct {
	startResult
	at int
}

// startResult is one word of "spawned".
type startResult struct {
	start, pid, handle string
	step, errno        string // of a failure
}

func parseResult(word string) (r startResult, ok bool) {
	parts := strings.Split(word, ":")
	if len(parts) != 3 {
		return r, false
	}
	r.start = parts[0]
	if isProcess(parts[1]) {
		r.pid, r.handle = parts[1], parts[2]
	} else {
		r.step, r.errno = parts[1], parts[2]
	}
	return r, true
}

// resultOf gives the result that a start has later; ok is false if it has none.
func (t *clues) resultOf(from int, start string) (r startResult, ok bool) {
	if t.results == nil {
		t.results = resultsOf(t.calls)
	}
	found, ok := t.results[start]
	return found.startResult, ok && found.at >= from
}

// resultsOf finds the result of every start; a start has one.
func resultsOf(calls []tracesys.Call) map[string]foundResult {
	results := map[string]foundResult{}
	for at, c := range calls {
		if c.Op != "spawned" {
			continue
		}
		for _, word := range c.Result {
			if r, ok := parseResult(word); ok && results[r.start].start == "" {
				results[r.start] = foundResult{r, at}
			}
		}
	}
	return results
}

// startOf gives the start whose child a process turns out to be, before its
// number is reaped; ok is false if it is nobody's.
func (t *clues) startOf(from int, pid string) (r startResult, ok bool) {
	for _, c := range t.calls[from:] {
		switch c.Op {
		case "spawned":
			for _, word := range c.Result {
				if r, ok := parseResult(word); ok && r.pid == pid {
					return r, true
				}
			}
		case "reap-orphan":
			if c.Arg(0) == pid {
				return r, false
			}
		}
	}
	return r, false
}

// statusOf tells how a process ends, by what is told when it is waited for. What
// nobody waits for ends anyhow.
func (t *clues) statusOf(from int, pid, handle string) sys.Status {
	for _, c := range t.calls[from:] {
		switch c.Op {
		case "spawned":
			for _, word := range c.Result {
				if r, ok := parseResult(word); ok && r.pid == pid {
					handle = r.handle
				}
			}
		case "peek", "reap":
			if st, ended := tracesys.Status(c.Result); ended && handle != "" && c.Arg(0) == handle {
				return st
			}
		case "peek-orphan":
			if len(c.Result) > 0 && c.Result[0] == pid {
				st, _ := tracesys.Status(c.Result[1:])
				return st
			}
		case "reap-orphan":
			if st, ended := tracesys.Status(c.Result); ended && c.Arg(0) == pid {
				return st
			}
		}
	}
	return sys.Status{}
}

// invocationOf gives the word that is found in the environment of a process, or
// the group that it is found in, before it is gone.
func (t *clues) invocationOf(from int, pid string) (invocation, group string) {
	for _, c := range t.calls[from:] {
		switch {
		case c.Op == "read-file" && c.Err == 0 && len(c.Result) > 0:
			if c.Arg(0) == "/proc/"+pid+"/environ" && strings.HasPrefix(c.Result[0], "i") {
				return c.Result[0], ""
			}
			if dir, ok := strings.CutSuffix(c.Arg(0), "/cgroup.procs"); ok && slices.Contains(c.Result, pid) {
				return "", dir
			}
		case c.Op == "reap-orphan" && c.Arg(0) == pid:
			return "", ""
		}
	}
	return "", ""
}

// leavesGroup tells whether a process lives on in another group, by what is told
// before its end: some orphan lives, and it is not seen in its old group.
func (t *clues) leavesGroup(from int, pid, group string) (leaves bool) {
	for _, c := range t.calls[from:] {
		switch {
		case c.Op == "read-file" && c.Arg(0) == "/proc/"+pid+"/stat" && len(c.Result) == 11:
			return c.Result[0] != "Z" && c.Result[4] != group
		case c.Op == "reap-orphan" && c.Arg(0) == pid, c.Op == "peek-orphan" && slices.Contains(c.Result, pid):
			return leaves
		case c.Op == "peek-orphan" && slices.Contains(c.Result, "lives"):
			leaves = true
		}
	}
	return leaves
}

// reapedLater tells whether the program takes a process for an orphan and reaps
// it. The child of a failed start is reaped by whoever made it.
func (t *clues) reapedLater(from int, pid string) bool {
	return slices.ContainsFunc(t.calls[from:], func(c tracesys.Call) bool { return c.Op == "reap-orphan" && c.Arg(0) == pid })
}
