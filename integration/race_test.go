//go:build race

package integration

import "time"

// Under the race detector gosv is built with it too, and everything is slower.
func init() {
	buildFlags = append(buildFlags, "-race")
	late = 3 * time.Second
}
