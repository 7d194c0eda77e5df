package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/config"
)

// The demo's services are gosv itself, so that it needs no other program. Their
// command lines hold their names, so that pkill -f heartbeat finds one.

const (
	beatPeriod   = 3 * time.Second
	crasherLives = 2 * time.Second
)

func demoPlan() (plan, error) {
	self, err := os.Executable()
	if err != nil {
		return plan{}, fmt.Errorf("cannot find the program of gosv for the demo: %w", err)
	}
	fmt.Fprintln(os.Stderr, "This is a demo: 'heartbeat' keeps running; 'crasher' keeps failing and is restarted after longer and longer delays.\n"+
		"Try: pkill -f heartbeat. Ctrl-C ends the demo. See 'gosv --help' for how to run your own services.")
	return plan{file: config.File{
		Cgroup: config.CgroupAuto, LineMax: config.DefaultLineMax,
		Services: []config.Service{
			config.NewService("heartbeat", self, "demo", "heartbeat"),
			config.NewService("crasher", self, "demo", "crasher"),
		},
	}}, nil
}

func demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "demo heartbeat|crasher",
		Short:     "Run one of the demo's services",
		Hidden:    true,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"heartbeat", "crasher"},
		RunE: func(_ *cobra.Command, args []string) error {
			if args[0] == "heartbeat" {
				for beat := 1; ; beat++ {
					fmt.Printf("beat %d\n", beat)
					time.Sleep(beatPeriod)
				}
			}
			fmt.Println("working ...")
			time.Sleep(crasherLives)
			fmt.Fprintln(os.Stderr, "crashing: something went wrong")
			return exitStatus(3)
		},
	}
}
