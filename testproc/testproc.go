// Package testproc is a small script language for test services. A script says in
// one line of text what a process does. The same script runs as a real process
// (package testproc/live) and inside the fake kernel (package fakesys), so one test
// case can run on both.
//
//	on TERM {print bye; exit 0}; fork {ignore TERM; sleep forever}; print ready; sleep forever
//
// A script is a list of operations separated by semicolons; [Verb] lists them. A
// script that reaches its end exits with status 0. Text arguments may contain any
// character except ; { } and newline.
//
// Signals work as in a C program. A handler interrupts a sleep, a wait or a blocked
// write; otherwise it runs before the next operation. While a handler runs, other
// signals that have handlers stay pending. A child made by fork or daemon starts as
// after execve(2): it ignores the signals that its parent ignored, and the signals
// that its parent handled have their default action. An exited child stays a zombie
// until its parent waits for it or exits.
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
	Die     Verb = "die"     // die SIG: be killed by that signal
	Sleep   Verb = "sleep"   // sleep 1s | sleep forever
	Block   Verb = "block"   // block 1s | block forever: uninterruptible sleep; even KILL stays pending (a real process does die of KILL)
	Print   Verb = "print"   // print WORDS: a line to stdout
	Warn    Verb = "warn"    // warn WORDS: a line to stderr
	Write   Verb = "write"   // write WORDS: to stdout, without a newline
	Flood   Verb = "flood"   // flood N: N bytes 'x' to stdout, without a newline
	Ignore  Verb = "ignore"  // ignore SIG
	Default Verb = "default" // default SIG: the default action again
	On      Verb = "on"      // on SIG {script}: run the script when the signal arrives, then continue (an interrupted sleep starts over)
	Fork    Verb = "fork"    // fork {script}: a child in the same process group runs the script
	Daemon  Verb = "daemon"  // daemon {script}: a grandchild whose parent has exited (an orphan) runs the script
	Sibling Verb = "sibling" // sibling {script}: a new child of this process's parent, in the same process group, runs the script (CLONE_PARENT of clone(2))
	Setsid  Verb = "setsid"  // setsid: a new session and process group (EPERM for a group leader: exit 99)
	Setpgid Verb = "setpgid" // setpgid: a new process group in the same session (setpgid(2); no effect for a group leader)
	Stop    Verb = "stop"    // stop: send SIGSTOP to itself
	Wait    Verb = "wait"    // wait: until every child has exited
	Loop    Verb = "loop"    // loop {script}: repeat forever

	Trace     Verb = "trace"      // trace N: attach to PID N as a debugger does (ptrace(2)); 0 is the parent. The parent of a traced process sees its exit only after the tracer has exited
	EndLeader Verb = "end-leader" // end-leader: the first thread exits and the others continue; /proc shows state Z although the process lives
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

// list parses operations up to the end of the text or, in a body, up to the closing brace.
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

// argument parses the text between the verb and the next separator.
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
			err = fmt.Errorf("%s %s: the duration is negative", op.Verb, arg)
		}
	case Print, Warn, Write:
		op.Text = arg
	case Die, Ignore, Default, On:
		op.Sig, err = op.signal(arg)
	case Setsid, Setpgid, Stop, Wait, Fork, Daemon, Sibling, Loop, EndLeader:
		if arg != "" {
			err = fmt.Errorf("%s takes no argument, got %q", op.Verb, arg)
		}
	default:
		err = fmt.Errorf("unknown operation %q", op.Verb)
	}
	return err
}

func number(arg string, most int) (int, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%q is not a number from 0 to %d", arg, most)
	}
	return n, nil
}

// signal parses a signal name. It refuses what the kernel refuses or cannot do:
// KILL and STOP cannot be handled, and a signal whose default action is not to
// terminate cannot end a process.
func (op *Op) signal(arg string) (syscall.Signal, error) {
	sig, ok := signame.Parse(arg)
	switch {
	case !ok:
		return 0, fmt.Errorf("%q is not a signal", arg)
	case op.Verb != Die && (sig == syscall.SIGKILL || sig == syscall.SIGSTOP):
		return 0, fmt.Errorf("%s cannot be handled or ignored", arg)
	case op.Verb == On && sig == syscall.SIGPROF:
		return 0, fmt.Errorf("%s cannot be handled: the Go runtime of a real process uses it", arg)
	case op.Verb == Die && !Fatal(sig):
		return 0, fmt.Errorf("%s does not end a process", arg)
	}
	return sig, nil
}

// Fatal reports whether the default action of a signal terminates the process (signal(7)).
func Fatal(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGCHLD, syscall.SIGCONT, syscall.SIGURG, syscall.SIGWINCH,
		syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
		return false
	}
	return true
}

// Format returns the operations as a script that Parse reads.
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
