package difftest

import (
	"fmt"
	"slices"
	"strings"
)

// Op is one operation: a verb and its operands, all words.
type Op []string

func (o Op) String() string { return strings.Join(o, " ") }

// Sequence is what is played.
type Sequence []Op

// String writes a sequence as [Parse] reads it.
func (s Sequence) String() string {
	var b strings.Builder
	for _, op := range s {
		b.WriteString(op.String() + "\n")
	}
	return b.String()
}

// Parse reads a sequence. Empty lines and what follows a # are nothing.
func Parse(text string) (Sequence, error) {
	var s Sequence
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		op := Op(strings.Fields(line))
		if len(op) == 0 {
			continue
		}
		if verbs[op[0]].play == nil {
			return nil, fmt.Errorf("line %d: there is no operation %q; there are %s", i+1, op[0], strings.Join(verbNames(), ", "))
		}
		if want := verbs[op[0]].operands; len(op)-1 < want {
			return nil, fmt.Errorf("line %d: %s takes %d operands, not %d", i+1, op[0], want, len(op)-1)
		}
		s = append(s, op)
	}
	return s, nil
}

// verb is one kind of operation: it returns what the kernel answered.
type verb struct {
	operands int
	play     func(s *Side, operands []string) string
}

// idle is the answer of an operation that cannot be tried: it has nothing to act
// on, or would break a contract of package sys.
const idle = "nothing to do"

func verbNames() []string {
	var names []string
	for name := range verbs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
