// Package early calls live.RunIfRequested before most packages of the program are
// initialized. It is for test programs that start thousands of test processes: Go
// initializes packages in the order of their import paths as far as dependencies
// allow, so a test process starts in half the time. Import it as _.
package early

import "github.com/gosv/gosv/testproc/live"

func init() { live.RunIfRequested() }
