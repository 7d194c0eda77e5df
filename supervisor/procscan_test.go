package supervisor

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// number is process 12 as it is when a handle of it is opened.
type number struct {
	sys.JobKernel
	openErr, readErr error
	startTime        int
	closed           []sys.Handle
}

func (n *number) OpenPid(int) (sys.Handle, error) { return 7, n.openErr }

func (n *number) Close(h sys.Handle) { n.closed = append(n.closed, h) }

func (n *number) ReadFile(string) ([]byte, error) {
	return fmt.Appendf(nil, "12 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 1 1\n", n.startTime), n.readErr
}

// A number can be given to another process between the look at /proc and the handle:
// what is signalled is what was seen, or nothing.
func TestAHandleNamesWhatWasSeen(t *testing.T) {
	for name, tt := range map[string]struct {
		now    number
		handle sys.Handle
		closed []sys.Handle
	}{
		"it lives":             {number{startTime: 100}, 7, nil},
		"it is another":        {number{startTime: 200}, 0, []sys.Handle{7}},
		"it has gone since":    {number{readErr: syscall.ENOENT}, 0, []sys.Handle{7}},
		"it has gone":          {number{openErr: syscall.ESRCH}, 0, nil},
		"there are no handles": {number{openErr: syscall.EMFILE}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			seen := procfs.Member{Pid: 12, StartTime: 100}
			assert.Equal(t, []member{{seen, tt.handle}}, hold(&tt.now, nil, seen))
			assert.Equal(t, tt.closed, tt.now.closed)
		})
	}
}
