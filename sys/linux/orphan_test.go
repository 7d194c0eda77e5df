package linux_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// On the main thread only adopted children are seen, and their absence is
// certain while children of Spawn live.
func TestOrphansAreSeenOnTheMainThread(t *testing.T) {
	assert.Equal(t, "false 0 | true 0 | orphan | false 0", runPart(t, "orphans", ""))
}

func init() {
	parts["orphans"] = func() {
		if unix.Gettid() != unix.Getpid() {
			fmt.Println("not the main thread")
			return
		}
		k, err := linux.New(linux.Options{})
		check(err)
		defer k.Shutdown(time.Second)
		check(k.BecomeSubreaper())
		wait := func(fact func() bool) {
			for deadline := k.Now() + patience; !fact() && k.Now() < deadline; {
				k.Wait(min(deadline, k.Now()+10*time.Millisecond))
			}
		}
		peek := func() string {
			o, err := k.Orphans()
			check(err)
			return fmt.Sprint(o.Exist, " ", o.Zombie)
		}
		var children []sys.Child
		spawn := func(script string, out sys.Sink) {
			k.Spawn(sys.SpawnRequest{ID: sys.SpawnID(len(children) + 1), Path: "sh", Args: []string{"-c", script}, Stdout: out})
			wait(func() bool {
				for _, r := range k.Spawned() {
					check(r.Err)
					children = append(children, r.Child)
					return true
				}
				return false
			})
		}
		for range 8 { // living and dead ones, on both threads
			spawn("exit 3", nil)
		}
		spawn("sleep 4321", nil)
		dead := 0
		wait(func() bool { dead += len(k.Exited()); return dead == 8 })
		fmt.Print(peek(), " | ")

		out := &buffer{}
		spawn("sleep 4321 & echo $!", out)
		wait(func() bool { return strings.Contains(out.String(), "\n") })
		orphan, err := strconv.Atoi(strings.TrimSpace(out.String()))
		check(err)
		wait(func() bool { return peek() != "false 0" })
		fmt.Print(peek(), " | ")

		check(unix.Kill(orphan, unix.SIGTERM))
		var st sys.Status
		wait(func() bool { o, _ := k.Orphans(); st = o.Status; return o.Zombie == orphan })
		if again, err := k.ReapPid(orphan); err == nil && st == again && st.Signal == unix.SIGTERM {
			fmt.Print("orphan | ")
		}
		fmt.Println(peek())
		for _, c := range children {
			k.SignalGroup(c.Handle, unix.SIGKILL)
		}
	}
}
