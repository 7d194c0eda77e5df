package linux_test

import (
	"fmt"
	"os"
	"time"

	"github.com/gosv/gosv/internal/mainthread"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// screen is a sink that always has room.
type screen struct{ closed chan struct{} }

func (s screen) Room(func()) int { return 4096 }
func (s screen) Write(p []byte)  { fmt.Print(string(p)) }
func (s screen) Close()          { close(s.closed) }

// A start is a request. Its result and the child's exit are found on ready
// lists, and Wait is the only call that blocks.
func Example() {
	mainthread.Do(supervise) // a program locks the main thread in init, and calls it from main
	// Output:
	// hello
	// exited with 3
}

func supervise() {
	k, err := linux.New(linux.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer k.Shutdown(time.Second)

	out := screen{make(chan struct{})}
	k.Spawn(sys.SpawnRequest{ID: 1, Path: "sh", Args: []string{"-c", "echo hello; exit 3"}, Env: os.Environ(), Stdout: out})
	for {
		k.Wait(sys.Never)
		for _, r := range k.Spawned() {
			if r.Err != nil {
				fmt.Println(r.Err)
				return
			}
		}
		for _, h := range k.Exited() {
			status, _, _ := k.Reap(h)
			k.Close(h)
			<-out.closed
			fmt.Println("exited with", status.Code)
			return
		}
	}
}
