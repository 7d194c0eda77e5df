package difftest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// sink keeps what a stream carries. A capture may write from a goroutine of its own.
type sink struct {
	mu     sync.Mutex
	text   strings.Builder
	closed int
}

func (k *sink) Room(func()) int { return 1 << 20 }

func (k *sink) Write(p []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text.Write(p)
}

func (k *sink) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed++
}

// seen tells how often each line came; processes that write at once have no order.
func (k *sink) seen() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	times := map[string]int{}
	for _, line := range strings.Split(strings.TrimSuffix(k.text.String(), "\n"), "\n") {
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
	if k.closed > 0 {
		end = "ended"
	}
	return fmt.Sprintf("%q %s", lines, end)
}
