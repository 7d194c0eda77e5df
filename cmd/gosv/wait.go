package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

// awaitable is what gosv wait can wait for.
var awaitable = []string{"running", "ready", "stopped", "exited", "failed"}

func waitCommand() *cobra.Command {
	o := &operator{}
	var state string
	var timeout time.Duration
	c := operatorCommand(o, "wait NAME...", "Wait until services are in a state", cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(awaitable, state) {
			return usageError(fmt.Sprintf("--for is %q; use %s", state, strings.Join(awaitable, ", ")))
		}
		ctx := cmd.Context()
		if timeout > 0 {
			bounded, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			ctx = bounded
		}
		err := o.await(ctx, args, state)
		if err != nil && ctx.Err() == context.DeadlineExceeded {
			fmt.Fprintf(os.Stderr, "gosv: %s: not %s after %v\n", strings.Join(args, ", "), state, timeout)
			return statusTimeout
		}
		return err
	})
	c.Flags().StringVar(&state, "for", "running", "this `state`: "+strings.Join(awaitable, ", "))
	c.Flags().DurationVar(&timeout, "timeout", 0, "give up after this `time`; 0 never")
	return c
}

// usageError prints what is wrong with the command line.
func usageError(text string) error {
	fmt.Fprintln(os.Stderr, "gosv: "+text)
	return statusUsage
}

// await returns when every service is in the state: with statusFailed when one
// of them has come to an end in which it will not get there by itself.
func (o *operator) await(ctx context.Context, names []string, state string) error {
	c := o.client()
	list, err := c.Services(ctx, client.ListOptions{Names: names})
	if err != nil {
		return err
	}
	missing := map[string]bool{}
	for _, svc := range list.Services {
		missing[svc.Name] = !reached(svc.Status.State, state)
		if svc.Status.State == api.Failed && !reached(api.Failed, state) {
			return o.cannotReach(svc.Name, state)
		}
		if !missing[svc.Name] {
			delete(missing, svc.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	failed := errEnough
	err = c.Events(ctx, client.EventOptions{After: &list.Seq, Follow: true}, func(e api.Event) error {
		if e.Type != api.StateEvent || !missing[e.Service] {
			return nil
		}
		if reached(e.To, state) {
			delete(missing, e.Service)
		} else if e.To == api.Failed {
			failed = o.cannotReach(e.Service, state)
			return failed
		}
		if len(missing) == 0 {
			return errEnough
		}
		return nil
	})
	if err == errEnough && len(missing) == 0 {
		return nil
	}
	if err == nil {
		fmt.Fprintln(os.Stderr, "gosv: gosv ended meanwhile")
		return statusFailed
	}
	return err
}

// errEnough ends a stream of events.
var errEnough = fmt.Errorf("enough")

func (o *operator) cannotReach(service, state string) error {
	fmt.Fprintf(os.Stderr, "gosv: %s has failed and will not be %s by itself\n  try: gosv describe %s\n", service, state, service)
	return statusFailed
}

// reached reports whether a service is where it is awaited. One without a
// readiness check is ready when it runs.
func reached(is api.State, want string) bool {
	switch want {
	case "ready":
		return is == api.Running
	case "stopped": // nothing of it runs, for whatever reason
		return is == api.Stopped || is == api.Exited || is == api.Failed
	}
	return string(is) == want
}
