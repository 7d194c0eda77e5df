package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

// action is a verb that changes services and waits for the result.
type action struct {
	operator
	verb             api.Verb
	past             string // "started"
	all, noWait, log bool
	timeout          time.Duration
}

func actionCommands() []*cobra.Command {
	return []*cobra.Command{
		actionCommand(api.Start, "started", "Start services, and wait until they run"),
		actionCommand(api.Stop, "stopped", "Stop services, and wait until nothing of them runs"),
		actionCommand(api.Restart, "restarted", "Stop services and start them again; one that is stopped is started"),
	}
}

func actionCommand(verb api.Verb, past, short string) *cobra.Command {
	a := &action{verb: verb, past: past}
	c := operatorCommand(&a.operator, string(verb)+" NAME...", short, a.checkArgs, func(cmd *cobra.Command, args []string) error {
		return a.run(cmd.Context(), cmd.OutOrStdout(), api.CommandRequest{Verb: verb, Services: args, All: a.all})
	})
	f := c.Flags()
	f.BoolVar(&a.all, "all", false, "every service")
	f.BoolVar(&a.noWait, "no-wait", false, "return when the command is queued")
	f.DurationVar(&a.timeout, "timeout", 0, "stop waiting after this `time`; what was asked for stays asked for")
	f.BoolVarP(&a.log, "verbose", "v", false, "show the output of the services while waiting")
	c.Long = short + ".\n\nNAME may be a pattern such as 'web*'. Statuses: 0; 1 it failed; 4 no such service; 5 timed out; 7 no gosv at the socket."
	return c
}

func (a *action) checkArgs(cmd *cobra.Command, args []string) error {
	switch {
	case a.all && len(args) > 0:
		return errors.New("give names or --all, not both")
	case !a.all && len(args) == 0:
		return fmt.Errorf("name the services to %s, or give --all", cmd.Name())
	case a.timeout < 0:
		return errors.New("--timeout must not be negative")
	}
	return nil
}

// run gives a command and, unless told not to, waits for its end.
func (a *action) run(ctx context.Context, w io.Writer, request api.CommandRequest) error {
	if a.timeout > 0 {
		request.Timeout = a.timeout.String()
	}
	c := a.client()
	if a.log {
		stop := a.showOutput(ctx, request.Services)
		defer stop()
	}
	op, err := c.Command(ctx, request)
	if err != nil || a.noWait {
		return err
	}
	for op.State == api.Pending {
		if op, err = c.Operation(ctx, op.ID, 10*time.Second); err != nil {
			return err
		}
		for _, what := range op.WaitingFor {
			fmt.Fprintf(os.Stderr, "gosv: waiting for %s\n", escape(what))
		}
	}
	return a.report(w, op)
}

// showOutput writes what services print from now on to stderr, until stop is called.
func (a *action) showOutput(ctx context.Context, services []string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = a.client().Logs(ctx, client.LogOptions{Services: services, Follow: true}, func(line api.Line) error {
			_, err := fmt.Fprintf(os.Stderr, "%s | %s\n", line.Service, escape(line.Text))
			return err
		})
	}()
	return func() { cancel(); <-ended }
}

// report prints a result for each service and returns the status for the worst.
func (a *action) report(w io.Writer, op api.Operation) error {
	for _, part := range op.Services {
		switch {
		case part.State == api.Done && part.Detail != "":
			fmt.Fprintf(w, "%s: %s (%s)\n", part.Name, a.past, escape(part.Detail))
		case part.State == api.Done:
			fmt.Fprintf(w, "%s: %s\n", part.Name, a.past)
		default:
			fmt.Fprintf(os.Stderr, "gosv: cannot %s %s: %s\n", op.Verb, part.Name, dash(escape(part.Detail)))
			explainPart(part)
		}
	}
	switch op.State {
	case api.Done:
		return nil
	case api.TimedOut:
		return statusTimeout
	}
	return statusFailed
}

// explainPart prints the evidence of a part that did not go well.
func explainPart(part api.ServiceOperation) {
	if e := part.Evidence; e != nil {
		if e.LastExit != nil {
			fmt.Fprintf(os.Stderr, "  last exit: %s at %s\n", escape(e.LastExit.Text), e.LastExit.Time.Local().Format(time.TimeOnly))
		}
		for _, line := range e.LastLines {
			fmt.Fprintf(os.Stderr, "  %s | %s\n", part.Name, escape(line))
		}
	}
	if part.Try != "" {
		fmt.Fprintf(os.Stderr, "  try: %s\n", part.Try)
	}
}
