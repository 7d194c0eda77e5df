package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

func shutdownCommand() *cobra.Command {
	o := &operator{}
	var noWait bool
	c := operatorCommand(o, "shutdown", "Stop all services and end gosv", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		c := o.client()
		info, err := c.Info(cmd.Context())
		if err != nil {
			return err
		}
		if _, err := c.Command(cmd.Context(), api.CommandRequest{Verb: api.Shutdown}); err != nil || noWait {
			return err
		}
		return awaitEnd(cmd.Context(), c, info.PID)
	})
	c.Flags().BoolVar(&noWait, "no-wait", false, "return when the shutdown has begun")
	c.Long = "Stop all services and end gosv, and wait for that. A second shutdown kills what is left."
	c.ValidArgsFunction = cobra.NoFileCompletions
	return c
}

// awaitEnd follows the shutdown of a gosv. Its socket closes before it ends.
func awaitEnd(ctx context.Context, c *client.Client, pid int) error {
	err := c.Events(ctx, client.EventOptions{Follow: true}, func(e api.Event) error {
		if e.Type == api.StateEvent && e.Service != "" {
			_, err := fmt.Fprintf(os.Stderr, "%s: %s\n", e.Service, e.To)
			return err
		}
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && errors.Is(err, client.ErrNoSupervisor) {
		return nil
	}
	for ctx.Err() == nil {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return ctx.Err()
}
