package chaos

import "fmt"

// Count is a number with its noun, for people: "1 hit", "2 hits".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
