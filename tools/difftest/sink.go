package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosv/gosv/sys/systest"
)

// seen counts how often each line of a stream came; processes that write at once have no
// order.
func seen(l *systest.Lines) string {
	times := map[string]int{}
	for _, line := range strings.Split(strings.TrimSuffix(l.Text(), "\n"), "\n") {
		times[line]++
	}
	var lines []string
	for line, n := range times {
		if line != "" {
			lines = append(lines, fmt.Sprintf("%s %d", line, n))
		}
	}
	slices.Sort(lines)
	end := "open"
	if closed, _ := l.Ended(); closed > 0 {
		end = "ended"
	}
	return fmt.Sprintf("%q %s", lines, end)
}
