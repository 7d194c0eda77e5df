package admit

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/tracesys"
)

// newAdmitter makes the machine that a trace was recorded on, as far as its
// first answers tell.
func newAdmitter(trace tracesys.Trace) (*admitter, error) {
	if trace.Self != "P1" {
		return nil, fmt.Errorf("the trace calls its own process %q, not P1: its first line was changed", trace.Self)
	}
	calls := chronological(trace.Calls)
	a := &admitter{
		clues: clues{calls: calls}, numbers: newNumbers(calls),
		known: map[int]*person{}, handles: map[string]holding{}, exited: map[sys.Handle]bool{},
		results: map[sys.SpawnID]sys.SpawnResult{}, watches: map[string]sys.WatchID{}, ours: map[string]bool{}, freed: map[int]int{},
		order: order{submitted: map[string]time.Duration{}},
	}
	a.windows.plan(calls)
	for _, c := range calls {
		if c.Op == "submit" {
			a.submitted[c.Arg(0)] = c.At
		}
	}
	machine := cgroups(calls)
	if machine != nil {
		a.mount = machine.Mount
	}
	a.k = fakesys.New(fakesys.Options{
		Pid: 2, PidMax: a.last + spare, MaxFiles: math.MaxInt, Patience: math.MaxInt,
		Cgroups: machine, Choices: chosen{},
	})
	a.hand = a.k.Hand()
	a.k.LogSignals(false)
	if machine != nil { // what gosv's own group hands on before gosv changes that
		own := path.Join(machine.Mount, machine.Own, "cgroup.subtree_control")
		for _, name := range firstRead(calls, own) {
			if modelled(name) {
				_ = a.k.WriteFile(own, []byte("+"+name)) // refused to a group with members, as by Linux
			}
		}
	}
	return a, nil
}

// chosen lets everything go its plain way: nothing is left to chance here.
type chosen struct{}

func (chosen) Choose(string, int) int { return 0 }

// cgroups tells what the program found of the cgroup file system; nil if it never
// looked, or there is none.
func cgroups(calls []tracesys.Call) *fakesys.Cgroups {
	mounts := firstRead(calls, "/proc/P1/mountinfo")
	own := firstRead(calls, "/proc/P1/cgroup")
	if len(mounts) < 4 || len(own) != 1 || own[0] == "none" {
		return nil
	}
	mount, root := mounts[1], mounts[2]
	o := &fakesys.Cgroups{Mount: mount, Own: path.Join("/", strings.TrimPrefix(own[0], strings.TrimSuffix(root, "/"))), Delegated: "/"}
	for _, name := range []string{"memory", "cpu", "pids"} {
		if slices.ContainsFunc(calls, func(c tracesys.Call) bool { return enables(c, name) }) {
			o.Controllers = append(o.Controllers, name)
		}
	}
	for _, name := range firstRead(calls, path.Join(mount, o.Own, "cgroup.subtree_control")) {
		if modelled(name) && !slices.Contains(o.Controllers, name) {
			o.Controllers = append(o.Controllers, name)
		}
	}
	o.Enabled = o.Controllers
	o.NoKillFile = slices.ContainsFunc(calls, func(c tracesys.Call) bool {
		return c.Op == "write-file" && c.Err == syscall.ENOENT && path.Base(c.Arg(0)) == "cgroup.kill"
	}) && !slices.ContainsFunc(calls, func(c tracesys.Call) bool {
		return c.Op == "write-file" && c.Err == 0 && path.Base(c.Arg(0)) == "cgroup.kill"
	})
	return o
}

// modelled are the controllers that the fake knows.
func modelled(controller string) bool {
	return slices.Contains([]string{"memory", "cpu", "pids"}, controller)
}

// enables tells whether a call handed a controller on: then the machine has it.
func enables(c tracesys.Call, controller string) bool {
	return c.Op == "write-file" && c.Err == 0 && path.Base(c.Arg(0)) == "cgroup.subtree_control" && c.Arg(1) == "+"+controller
}

func firstRead(calls []tracesys.Call, file string) []string {
	for _, c := range calls {
		if c.Op == "read-file" && c.Arg(0) == file && c.Err == 0 {
			return c.Result
		}
	}
	return nil
}

// person is what the trace has shown of a process that descends from the program.
type person struct {
	family  *family
	born    int    // the call at which it came into being
	sure    int    // the last call that showed that it exists
	guessed bool   // whose child it is, and where it is, was guessed
	adopted int    // the call at which it became the program's child; -1: it was born so
	ended   int    // the call that showed that it has ended, if one did
	start   string // the starttime, once it was seen
}

// family is what descends from one start.
type family struct {
	start string
	id    sys.SpawnID
	// invocation is the name of its invocation, group the directory it lives in.
	invocation, group string
	result            bool // the trace has shown the result of the start
	failed            bool // it has failed: its child is gone
	// heirs tells whether processes may live that were never seen, and whose
	// parents have ended.
	heirs bool
	// remains tells the same of zombies: who has ended is in no group.
	remains bool
	forked  int // the last call before which a member can have forked
}

// invokes tells whether a process has a word that comes from this start: its own, or
// one of a supervisor that it is.
func (f *family) invokes(word string) bool {
	own, _, _ := strings.Cut(strings.TrimPrefix(word, f.invocation), "/")
	return f.invocation != "" && strings.HasPrefix(word, f.invocation) && own == ""
}

func (f *family) env() []string {
	if f.invocation == "" {
		return nil
	}
	return []string{"GOSV_INVOCATION=" + f.invocation}
}

// familyOf finds a family by a condition, the youngest first.
func (a *admitter) familyOf(wanted func(*family) bool) *family {
	for i := len(a.families) - 1; i >= 0; i-- {
		if wanted(a.families[i]) {
			return a.families[i]
		}
	}
	return nil
}

// within tells whether a directory is another or lies below it.
func within(dir, top string) bool {
	return dir != "" && (dir == top || strings.HasPrefix(dir, top+"/"))
}

// state shows what is taken for true: processes, families, groups.
func (a *admitter) state() string {
	var b strings.Builder
	b.WriteString("what is taken for true:\n")
	for _, p := range a.k.Processes() {
		if p.Pid == 1 {
			continue
		}
		state := string(p.State)
		if a.hand.Ended(p.Pid) {
			state = "Z (" + statusText(p.Status) + ")"
		}
		fmt.Fprintf(&b, "  %s child of %s, %s, group %s", a.name(p.Pid), a.name(p.Ppid), state, p.Cgroup)
		if p.Spawn != 0 {
			fmt.Fprintf(&b, ", of start s%d", p.Spawn)
		}
		b.WriteByte('\n')
	}
	for _, f := range a.families {
		if f.heirs {
			fmt.Fprintf(&b, "  start %s may have left processes that nobody has seen\n", f.start)
		}
	}
	return b.String()
}

func statusText(st sys.Status) string {
	if st.Signal != 0 {
		return "killed by " + st.Signal.String()
	}
	return "exit " + strconv.Itoa(st.Code)
}
