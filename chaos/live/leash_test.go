package live

import (
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	testproc "github.com/gosv/gosv/testproc/live"
)

// The thread that calls Start ends right after it. The process must survive that.
func TestLeashOutlivesTheCallingThread(t *testing.T) {
	l := newLeash()
	path, args := testproc.Command("sleep forever")
	var p *os.Process
	threadEnded := make(chan struct{})
	go func() {
		defer close(threadEnded)
		runtime.LockOSThread() // never unlocked, so the thread ends with the goroutine
		var err error
		p, err = l.Start(path, append([]string{path}, args...), &os.ProcAttr{Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}})
		assert.NoError(t, err)
	}()
	<-threadEnded
	require.NotNil(t, p)
	exited := make(chan *os.ProcessState, 1)
	go func() {
		state, _ := p.Wait()
		exited <- state
	}()
	select {
	case state := <-exited:
		t.Fatalf("the process ended with the thread that started it: %v", state)
	case <-time.After(300 * time.Millisecond): // the signal would come at once
	}
	require.NoError(t, p.Kill())
	<-exited
	l.Release()
}
