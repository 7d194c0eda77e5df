//go:build race

package integration

// Under the race detector gosv is built with it too.
func init() { buildFlags = append(buildFlags, "-race") }
