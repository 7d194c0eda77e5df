// Package english has the grammar that messages need.
package english

import (
	"strconv"
	"strings"
)

// Count returns a number of things: "1 service", "2 services", "2 processes".
func Count(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "s"):
		thing += "es"
	default:
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
