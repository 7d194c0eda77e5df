// Package testproc is a small language for test services: what a process is to
// do, as one line of text. The same script runs as a real process (package
// testproc/live) and inside the fake kernel (fakesys), so that one test case can be
// tried on both.
//
//	on TERM {print bye; exit 0}; fork {ignore TERM; sleep forever}; print ready; sleep forever
//
// A script is a list of operations separated by semicolons; see [Verb] for
// what there is. A script that comes to its end exits with 0. Words may hold
// anything but ; { } and a newline.
//
// Signals are met as by a C program. A handler runs in the middle of a sleep, a
// wait or a write that blocks, else before the next operation; while one runs,
// further signals with handlers wait. A child by fork or daemon begins as after
// execve(2): what its parent ignored it ignores, what its parent handled has the
// default action. A child that ended stays a zombie until its parent waits or ends.
package testproc

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/signame"
)

// Verb is the first word of an operation.
type Verb string

const (
	Exit    Verb = "exit"    // exit N: exit with status N
	Die     Verb = "die"     // die SIG: end by that signal
	Sleep   Verb = "sleep"   // sleep 1s | sleep forever
	Block   Verb = "block"   // block 1s | block forever: uninterruptible, even KILL waits for its end (a real process yields to KILL)
	Print   Verb = "print"   // print WORDS: a line to stdout
	Warn    Verb = "warn"    // warn WORDS: a line to stderr
	Write   Verb = "write"   // write WORDS: to stdout, without a newline
	Flood   Verb = "flood"   // flood N: N bytes 'x' to stdout, without a newline
	Ignore  Verb = "ignore"  // ignore SIG
	Default Verb = "default" // default SIG: the default action again
	On      Verb = "on"      // on SIG {script}: run it when the signal comes, then go on (a sleep starts over)
	Fork    Verb = "fork"    // fork {script}: a child in the same group runs it
	Daemon  Verb = "daemon"  // daemon {script}: a grandchild runs it; its parent has exited (an orphan at once)
	Sibling Verb = "sibling" // sibling {script}: a child of its own parent, in its group, runs it (CLONE_PARENT of clone(2))
	Setsid  Verb = "setsid"  // setsid: a new session and group (EPERM for a group leader: exit 99)
	Setpgid Verb = "setpgid" // setpgid: a new group in the same session (setpgid(2); nothing for a group leader)
	Stop    Verb = "stop"    // stop: SIGSTOP to itself
	Wait    Verb = "wait"    // wait: until every child of its own has ended
	Loop    Verb = "loop"    // loop {script}: for ever

	Trace    Verb = "trace"    // trace N: hold process N, 0 is its parent, as a debugger does (ptrace(2)): it ends for its own parent only when this one has ended
	Headless Verb = "headless" // headless: the first thread ends, the others go on: a zombie by its state, and not ended
)

// Forever is the Time of "sleep forever".
const Forever = time.Duration(1<<63 - 1)

// Op is one operation.
type Op struct {
	Verb Verb
	Sig  syscall.Signal // Die, Ignore, Default, On
	N    int            // Exit, Flood, Trace
	Time time.Duration  // Sleep, Block
	Text string         // Print, Warn, Write
	Body []Op           // On, Fork, Daemon, Sibling, Loop
}

// Parse reads a script.
func Parse(script string) ([]Op, error) {
	p := parser{text: script}
	ops, err := p.list(false)
	if err != nil {
		return nil, fmt.Errorf("testproc script, at %d: %w", p.pos, err)
	}
	return ops, nil
}

type parser struct {
	text string
	pos  int
}

// list parses operations up to the end, or up to a closing brace.
func (p *parser) list(inBody bool) ([]Op, error) {
	ops := []Op{}
	for {
		p.skip(" ;\n\t")
		switch {
		case p.pos == len(p.text) && inBody:
			return nil, fmt.Errorf("a { is not closed")
		case p.pos == len(p.text):
			return ops, nil
		case p.text[p.pos] == '}' && !inBody:
			return nil, fmt.Errorf("a } without a {")
		case p.text[p.pos] == '}':
			p.pos++
			return ops, nil
		}
		op, err := p.op()
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
}

func (p *parser) skip(set string) {
	for p.pos < len(p.text) && strings.IndexByte(set, p.text[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *parser) op() (Op, error) {
	end := strings.IndexAny(p.text[p.pos:], ";{}\n")
	if end < 0 {
		end = len(p.text) - p.pos
	}
	verb, arg, _ := strings.Cut(strings.TrimSpace(p.text[p.pos:p.pos+end]), " ")
	op := Op{Verb: Verb(verb)}
	if err := op.argument(strings.TrimSpace(arg)); err != nil {
		return op, err
	}
	p.pos += end
	if !op.hasBody() {
		return op, nil
	}
	if p.pos == len(p.text) || p.text[p.pos] != '{' {
		return op, fmt.Errorf("%s needs a {script}", verb)
	}
	p.pos++
	var err error
	op.Body, err = p.list(true)
	return op, err
}

func (op *Op) hasBody() bool {
	return op.Verb == On || op.Verb == Fork || op.Verb == Daemon || op.Verb == Sibling || op.Verb == Loop
}

// argument reads what stands between the verb and the next separator.
func (op *Op) argument(arg string) (err error) {
	switch op.Verb {
	case Exit:
		op.N, err = number(arg, 255)
	case Flood:
		op.N, err = number(arg, 1<<30)
	case Trace:
		op.N, err = number(arg, 1<<22) // PID_MAX_LIMIT
	case Sleep, Block:
		if op.Time = Forever; arg != "forever" {
			op.Time, err = time.ParseDuration(arg)
		}
		if op.Time < 0 {
			err = fmt.Errorf("a %s of %s is less than nothing", op.Verb, arg)
		}
	case Print, Warn, Write:
		op.Text = arg
	case Die, Ignore, Default, On:
		op.Sig, err = op.signal(arg)
	case Setsid, Setpgid, Stop, Wait, Fork, Daemon, Sibling, Loop, Headless:
		if arg != "" {
			err = fmt.Errorf("%s takes no word, not %q", op.Verb, arg)
		}
	default:
		err = fmt.Errorf("unknown operation %q", op.Verb)
	}
	return err
}

func number(arg string, most int) (int, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%q is no number from 0 to %d", arg, most)
	}
	return n, nil
}

// signal reads a name, and refuses what the kernel would: nobody handles KILL
// or STOP, and nobody dies of a signal that stops or does nothing.
func (op *Op) signal(arg string) (syscall.Signal, error) {
	sig, ok := signame.Parse(arg)
	switch {
	case !ok:
		return 0, fmt.Errorf("%q is no signal", arg)
	case op.Verb != Die && (sig == syscall.SIGKILL || sig == syscall.SIGSTOP):
		return 0, fmt.Errorf("%s cannot be handled or ignored", arg)
	case op.Verb == On && sig == syscall.SIGPROF:
		return 0, fmt.Errorf("%s cannot be handled: a real testproc's runtime keeps it for itself", arg)
	case op.Verb == Die && !Fatal(sig):
		return 0, fmt.Errorf("%s does not end a process", arg)
	}
	return sig, nil
}

// Fatal tells whether the default action of a signal ends the process (signal(7)).
func Fatal(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGCHLD, syscall.SIGCONT, syscall.SIGURG, syscall.SIGWINCH,
		syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
		return false
	}
	return true
}

// Format writes operations back as a script that Parse reads.
func Format(ops []Op) string {
	parts := make([]string, len(ops))
	for i, op := range ops {
		s := string(op.Verb)
		switch op.Verb {
		case Exit, Flood, Trace:
			s += " " + strconv.Itoa(op.N)
		case Sleep, Block:
			if op.Time == Forever {
				s += " forever"
			} else {
				s += " " + op.Time.String()
			}
		case Print, Warn, Write:
			s += " " + op.Text
		case Die, Ignore, Default, On:
			s += " " + signame.Name(op.Sig)
		}
		if op.hasBody() {
			s += " {" + Format(op.Body) + "}"
		}
		parts[i] = s
	}
	return strings.Join(parts, "; ")
}
