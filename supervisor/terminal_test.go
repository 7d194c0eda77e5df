package supervisor

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A terminal that was hung up answers one of these to tcsetpgrp(3), depending on when
// it is asked; that is no mistake of anybody's.
func TestATerminalIsGone(t *testing.T) {
	for errno, gone := range map[syscall.Errno]bool{syscall.ENOTTY: true, syscall.EIO: true, syscall.ENXIO: true, syscall.EPERM: false, syscall.EINVAL: false} {
		assert.Equal(t, gone, hasHungUp(errno), "%v", errno)
	}
}
