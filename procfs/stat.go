package procfs

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/gosv/gosv/sys"
)

// TicksPerSecond is USER_HZ, the clock tick of the times in /proc: 100 on every
// architecture that Go knows (sysconf(3), _SC_CLK_TCK).
const TicksPerSecond = 100

// Stat is /proc/PID/stat, the fields that a supervisor uses, in the order of
// proc_pid_stat(5).
type Stat struct {
	Pid        int
	Comm       string // the name as it is: any byte but NUL, also ")" and newline
	State      byte   // R S D Z T t X I and, on older kernels, others
	Ppid       int    // 0: no parent in this pid namespace
	Pgrp       int
	Session    int
	TTY        int // device number of the controlling terminal; 0: none
	Foreground int // foreground group of the terminal; -1: none
	Flags      uint32
	UserTime   uint64 // ticks
	SystemTime uint64 // ticks
	Threads    int
	StartTime  uint64 // ticks since boot; with Pid it identifies the process
	Size       uint64 // bytes of virtual memory
	Resident   int64  // pages, inexact; see Memory
}

// Alive reports whether a thread of the process still runs. In a zombie none does,
// unless only the first thread has ended: then the state is Z, too, and wait(2) does
// not return yet.
func (s Stat) Alive() bool {
	switch s.State {
	case 'X', 'x':
		return false
	case 'Z':
		return s.Threads > 1
	}
	return true
}

// ReadStat reads /proc/PID/stat.
func ReadStat(f sys.FileReader, pid int) (Stat, error) { return read(f, pid, "stat", ParseStat) }

// ParseStat reads the one line of /proc/PID/stat. The name stands between the
// first "(" and the last ")", since it may contain both.
func ParseStat(text []byte) (Stat, error) {
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return Stat{}, errors.New(`there is no name in parentheses`)
	}
	head := numbers{rest: text[:open], field: 1}
	s := Stat{Pid: int(head.signed(32)), Comm: string(text[open+1 : end])}
	n := numbers{rest: text[end+1:], field: 3, err: head.err}
	if state := n.next(); len(state) == 1 {
		s.State = state[0]
	} else {
		n.fail(state)
	}
	s.Ppid = int(n.signed(32))
	s.Pgrp = int(n.signed(32))
	s.Session = int(n.signed(32))
	s.TTY = int(n.signed(32))
	s.Foreground = int(n.signed(32))
	s.Flags = uint32(n.unsigned(32))
	n.skip(4) // page faults
	s.UserTime = n.unsigned(64)
	s.SystemTime = n.unsigned(64)
	n.skip(4) // times of reaped children, priority, nice
	s.Threads = int(n.signed(32))
	n.skip(1) // itrealvalue
	s.StartTime = n.unsigned(64)
	s.Size = n.unsigned(64)
	s.Resident = n.signed(64)
	if n.err != nil {
		return Stat{}, n.err
	}
	return s, nil
}

// numbers walks over fields separated by white space and keeps the first error.
type numbers struct {
	rest  []byte
	field int // number of the next field, from 1 as in proc(5)
	err   error
}

func (n *numbers) next() []byte {
	begin := 0
	for begin < len(n.rest) && blank(n.rest[begin]) {
		begin++
	}
	end := begin
	for end < len(n.rest) && !blank(n.rest[end]) {
		end++
	}
	word := n.rest[begin:end]
	n.rest = n.rest[end:]
	n.field++
	return word
}

func blank(c byte) bool { return c == ' ' || c == '\n' }

func (n *numbers) skip(count int) {
	for range count {
		n.next()
	}
}

// fail records that the field just read is not what it should be.
func (n *numbers) fail(word []byte) {
	switch {
	case n.err != nil:
	case len(word) == 0:
		n.err = fmt.Errorf("field %d is missing", n.field-1)
	default:
		n.err = fmt.Errorf("field %d is %q", n.field-1, word)
	}
}

func (n *numbers) signed(bits int) int64 {
	word := n.next()
	v, err := strconv.ParseInt(string(word), 10, bits)
	if err != nil {
		n.fail(word)
	}
	return v
}

func (n *numbers) unsigned(bits int) uint64 {
	word := n.next()
	v, err := strconv.ParseUint(string(word), 10, bits)
	if err != nil {
		n.fail(word)
	}
	return v
}
