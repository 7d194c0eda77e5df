package supervisor_test

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// printer prints every change of a service.
type printer struct{ supervisor.NopObserver }

func (printer) Changed(c supervisor.Change) {
	fmt.Println(c.At.Round(time.Second), c.Service, c.State.Phase)
}

// The supervisor that runs on Linux runs on a fake kernel, in virtual time.
func Example() {
	kernel := fakesys.New(fakesys.Options{})
	kernel.AddProgram("/bin/crasher", "sleep 2s; exit 3")
	service := config.NewService("crasher", "/bin/crasher")
	service.MaxRestarts = 1

	result := supervisor.New(supervisor.Options{Kernel: kernel, Services: []config.Service{service}, Observer: printer{}}).Run()
	fmt.Println("failed:", result.Failed, "after", lifecycle.Delay(service.Backoff, 1, 0), "of backoff")
	// Output:
	// 0s crasher starting
	// 0s crasher running
	// 2s crasher backoff
	// 3s crasher starting
	// 3s crasher running
	// 5s crasher failed
	// failed: [crasher] after 1s of backoff
}
