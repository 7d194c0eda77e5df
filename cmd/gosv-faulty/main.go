// Command gosv-faulty is a gosv with one deliberate fault. gosv chaos must find the
// fault; gosv chaos selftest runs it once with each. It has the supervisor of gosv, and of
// its command line only what gosv chaos uses.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gosv/gosv/chaos/faultysup"
	chaos "github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/eventlog"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys/linux"
	testproc "github.com/gosv/gosv/testproc/live"
)

func init() { runtime.LockOSThread() } // linux.New must run on the main thread

func main() {
	chaos.RunIfRequested()    // gosv chaos starts services through its supervisor's program,
	testproc.RunIfRequested() // which is then a process of a service, too
	list := flag.Bool("list", false, "print every fault, as JSON")
	name := flag.String("fault", "", "have the fault with this `name`")
	configFile := flag.String("config", "", "run the services of this `file`")
	events := flag.String("events", "", "write every change of a service to this `file`")
	flag.String("log-format", "", "accepted and ignored")
	flag.String("socket", "", "accepted and ignored")
	flag.Parse()
	var err error
	if *list {
		err = json.NewEncoder(os.Stdout).Encode(faultysup.Catalogue)
	} else {
		err = supervise(*name, *configFile, *events)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gosv-faulty: %v\n", err)
		os.Exit(1)
	}
}

// supervise runs the services of a file under a supervisor with the fault.
func supervise(name, configFile, events string) error {
	fault, known := faultysup.Find(name)
	if !known {
		return fmt.Errorf("there is no fault %q: --list prints them", name)
	}
	file, err := load(configFile)
	if err != nil {
		return err
	}
	eventFile, err := eventlog.Open(events)
	if err != nil {
		return fmt.Errorf("--events: %w", err)
	}
	kernel, err := linux.New(linux.Options{Signals: linux.DefaultSignals})
	if err != nil {
		return fmt.Errorf("cannot set up: %w", err)
	}
	fmt.Fprintf(os.Stderr, "gosv-faulty: %s: %s\n", fault.Name, fault.Description)
	log := eventlog.New(eventFile, printer{}, kernel.Monotonic, report)
	result := supervisor.New(supervisor.Options{
		Kernel: fault.Kernel(kernel), Services: fault.Services(file.Services), Observer: log,
		Environ: os.Environ(), Dir: filepath.Dir(configFile), Cgroup: file.Cgroup,
	}).Run()
	kernel.Shutdown(flushBound)
	return errors.Join(result.Err, log.Close(flushBound))
}

// flushBound is how long the end waits for output to be written.
const flushBound = 2 * time.Second

func load(name string) (config.File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return config.File{}, fmt.Errorf("cannot read the configuration: %w", err)
	}
	file, diagnostics := config.Load(name, text)
	if config.Failed(diagnostics) {
		return config.File{}, fmt.Errorf("the configuration has errors: %v", diagnostics)
	}
	return file, nil
}

func report(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "gosv-faulty: cannot write events: %v\n", err)
	}
}

// printer prints what the supervisor reports, for the report of a fault that was missed.
type printer struct{}

func (printer) Changed(c supervisor.Change) {
	fmt.Fprintf(os.Stderr, "%s: %v -> %v\n", c.Service, c.From, c.State.Phase)
}
func (printer) Event(_ time.Duration, e supervisor.Event) { fmt.Fprintln(os.Stderr, e) }
func (printer) Dumped(text string)                        { fmt.Fprint(os.Stderr, text) }
