// Package early calls live.Hook before most of a program is initialized, for test
// programs that start thousands of testprocs: Go initializes packages in the order of
// their paths, as far as their imports allow. A testproc then starts in half the time.
// It is imported for its effect, under the name _.
package early

import "github.com/gosv/gosv/testproc/live"

func init() { live.Hook() }
