package admit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys/tracesys"
)

// numbers tie the names of a trace to the numbers of the fake: P5 is 6 there,
// since 1 is the init of its world. Numbers beyond all names are for processes
// that never get one.
type numbers struct {
	names   *tracesys.Names
	last    int // the highest that has a name
	unnamed int // the last one made up
}

// spare is how many processes without a name there may be at a time.
const spare = 1000

func newNumbers(calls []tracesys.Call) numbers {
	highest := 1
	for i := range calls {
		for _, words := range [][]string{calls[i].Args, calls[i].Result} {
			for _, word := range words {
				for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return strings.ContainsRune("/:+-", r) }) {
					if n, ok := index(part); ok {
						highest = max(highest, n)
					}
				}
			}
		}
	}
	n := numbers{names: tracesys.NewNames(), last: highest + 1, unnamed: highest + 1}
	for pid := 2; pid <= n.last; pid++ {
		n.names.Pid(pid)
	}
	return n
}

// index reads the number of a process's name.
func index(word string) (int, bool) {
	digits, ok := strings.CutPrefix(word, "P")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n > 0 && n < 1<<22 && strconv.Itoa(n) == digits
}

func isProcess(word string) bool {
	_, ok := index(word)
	return ok
}

// number gives the fake's number of a name, 0 for what is none.
func (n *numbers) number(name string) int {
	if i, ok := index(name); ok {
		return i + 1
	}
	return 0
}

// name is the way back.
func (n *numbers) name(pid int) string {
	switch {
	case pid == 1:
		return "init"
	case pid <= 0 || pid > n.last:
		return fmt.Sprintf("an unseen process (%d)", pid)
	}
	return "P" + strconv.Itoa(pid-1)
}

var numbered = regexp.MustCompile(`(process|number|parent of|group or session|, as|\bof) (\d+)`)

// translate puts names into a sentence of the fake.
func (n *numbers) translate(text string) string {
	return numbered.ReplaceAllStringFunc(text, func(found string) string {
		i := strings.LastIndexByte(found, ' ')
		pid, _ := strconv.Atoi(found[i+1:])
		return found[:i+1] + n.name(pid)
	})
}
