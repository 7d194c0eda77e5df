// Package early calls live.Hook before most of a program is initialized, for test
// programs that start thousands of puppets: Go initializes packages in the order of
// their paths, as far as their imports allow. A puppet then starts in half the time.
// It is imported for its effect, under the name _.
package early

import "github.com/gosv/gosv/puppet/live"

func init() { live.Hook() }
