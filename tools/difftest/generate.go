package difftest

import (
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// alphabet is the operations that a generator draws from, as patterns with a word
// in capitals for each operand. An operation that stands twice comes twice as often.
var alphabet = strings.Split(`spawn obedient
spawn obedient
spawn obedient
spawn obedient
spawn SCRIPT
spawn FILE
spawn at-FILE
spawn unnamed
order PROC ORDER
order PROC ORDER
order PROC ORDER
order PROC ORDER
order PROC ORDER
order PROC fork
order PROC daemon
signal PROC SIGNAL
signal PROC SIGNAL
signal PROC SIGNAL
signal PROC SIGNAL
group PROC SIGNAL
group PROC SIGNAL
peek PROC
reap PROC
reap PROC
stopped PROC
open PROC
open PROC
close PROC
reaporphan
reaporphan
proc PROC INFO
proc PROC INFO
closeoutput START`, "\n")

// ofCgroups are those for which the machine must have a cgroup2 file system.
var ofCgroups = strings.Split(`spawn obedient in DIR
spawn obedient in DIR
spawn obedient in DIR
spawn obedient moved DIR
spawn SCRIPT in DIR
spawn FILE in DIR
abort START
mkdir DIR
mkdir DIR
mkdir a
mkdir a
mkdir b
rmdir DIR
rmdir DIR
write DIR/cgroup.procs PROC
write DIR/cgroup.procs PROC
write DIR/cgroup.freeze 1
write DIR/cgroup.freeze 1
write DIR/cgroup.freeze 0
write DIR/cgroup.freeze 0
write DIR/cgroup.kill 1
write DIR/cgroup.FILE VALUE
read DIR/cgroup.FILE
list DIR
watch DIR/cgroup.FILE
unwatch DIR/cgroup.FILE
lock DIR
unlock DIR`, "\n")

var operands = map[string][]string{
	"PROC":   {"p1", "p2", "p3", "p1", "p2", "p4", "p5"},
	"START":  {"s1", "s2", "s3", "s4"},
	"SIGNAL": {"TERM", "TERM", "KILL", "KILL", "STOP", "CONT", "TSTP", "TTIN", "USR1", "CHLD", "0", "65", "-1"},
	"DIR":    {"a", "a", "b", "a/c", "d"},
	"VALUE":  {"0", "1", "2", "-1", "x", "max", "threaded", "domain", "+memory", "-memory", "+nonsense", "0x1", "1 1"},
	"INFO":   {"status", "status", "environ", "cmdline", "comm", "cgroup", "exe", "cwd", "root", "fd", "fd/0", "fd/1", "task", "maps", "limits", "smaps_rollup", "mountinfo"},
	"ORDER":  nil, "SCRIPT": nil, "FILE": nil, "cgroup.FILE": {"cgroup.procs", "cgroup.events", "cgroup.freeze", "cgroup.kill", "cgroup.type",
		"cgroup.max.depth", "cgroup.max.descendants", "cgroup.subtree_control", "cgroup.controllers", "cgroup.stat"},
}

// listed are the testprocs of the ledger: what is known to diverge is not drawn, as
// every divergence costs the patience of the comparison.
var listed = []string{"blocks"}

func choices(word string) []string {
	switch word {
	case "ORDER":
		var names []string
		for _, o := range orders {
			names = append(names, o.name)
		}
		return names
	case "SCRIPT":
		return slices.DeleteFunc(slices.Sorted(maps.Keys(testprocs)), func(name string) bool { return slices.Contains(listed, name) })
	case "FILE":
		return slices.Sorted(maps.Keys(files))
	}
	return operands[word]
}

// holes are the words that stand for an operand, the longer ones first.
var holes = []string{"cgroup.FILE", "PROC", "START", "SIGNAL", "DIR", "VALUE", "INFO", "ORDER", "SCRIPT", "FILE"}

// Generator draws sequences; without cgroups those operations leave the alphabet.
func Generator(cgroups bool) *rapid.Generator[Sequence] {
	patterns := slices.Clone(alphabet)
	if cgroups {
		patterns = append(patterns, ofCgroups...)
	}
	one := rapid.Custom(func(t *rapid.T) Op {
		text := rapid.SampledFrom(patterns).Draw(t, "operation")
		for _, hole := range holes {
			if before, after, has := strings.Cut(text, hole); has {
				text = before + rapid.SampledFrom(choices(hole)).Draw(t, hole) + after
			}
		}
		return strings.Fields(text)
	})
	const longest = 16
	return rapid.Custom(func(t *rapid.T) Sequence {
		begin := rapid.SampledFrom(beginnings[:len(beginnings)-4*flag(!cgroups)]).Draw(t, "beginning")
		seq, err := Parse(begin)
		if err != nil {
			panic(err)
		}
		return append(seq, rapid.SliceOfN(one, 0, longest).Draw(t, "sequence")...).unlisted()
	})
}

// unlisted leaves out what the ledger lists: to move a process without its first thread.
func (s Sequence) unlisted() Sequence {
	leaderEnded := map[string]bool{}
	return slices.DeleteFunc(s, func(op Op) bool {
		if op[0] == "order" && op[2] == "end-leader" {
			leaderEnded[op[1]] = true
		}
		return op[0] == "write" && strings.HasSuffix(op[1], "/cgroup.procs") && leaderEnded[op[2]]
	})
}

// beginnings are where sequences start from; the last four need cgroups.
var beginnings = []string{
	"spawn obedient",
	"spawn obedient\norder p1 fork",
	"spawn obedient\norder p1 daemon",
	"mkdir a\nspawn obedient in a",
	"mkdir a\nspawn obedient in a\norder p1 fork",
	"mkdir a\nmkdir a/c\nspawn obedient in a\nspawn obedient in a/c",
	"mkdir a\nmkdir b\nspawn obedient in a\nwrite a/cgroup.freeze 1",
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// NeedsCgroups reports whether a sequence can only be played where there is a cgroup2
// file system to write to.
func (s Sequence) NeedsCgroups() bool {
	return slices.ContainsFunc(s, func(op Op) bool {
		onDir := strings.Fields("mkdir rmdir write read list watch unwatch lock unlock")
		return slices.Contains(onDir, op[0]) || op[0] == "spawn" && len(op) > 2
	})
}
