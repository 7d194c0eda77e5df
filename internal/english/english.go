// Package english has the grammar that messages need.
package english

import "strconv"

// Count returns a number of things: "1 service", "2 services".
func Count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
