package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
	"github.com/gosv/gosv/sys/linux"
)

func topCommand() *cobra.Command {
	o := &operator{}
	interval := 2 * time.Second
	c := operatorCommand(o, "top [NAME...]", "Show services with their CPU, memory and recent states, again and again", cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		if interval < 100*time.Millisecond {
			return usageError("--interval is too short: use 100ms or more")
		}
		return o.top(cmd.Context(), cmd.OutOrStdout(), args, interval)
	})
	c.Flags().DurationVar(&interval, "interval", interval, "show it again after this `time`")
	return c
}

// stripLength is how many recent states a strip shows.
const stripLength = 20

// stripLetters show a state in one character.
var stripLetters = map[api.State]string{
	api.Stopped: ".", api.Starting: "s", api.Running: "#", api.Backoff: "b", api.Stopping: "k", api.Exited: "e", api.Failed: "F",
}

// top shows the table until the context ends.
func (o *operator) top(ctx context.Context, w io.Writer, names []string, interval time.Duration) error {
	c := o.client()
	strips := map[string]string{}
	var before *api.ServiceList
	for {
		list, err := c.Services(ctx, client.ListOptions{Names: names, Usage: true})
		if err != nil {
			return err
		}
		for _, svc := range list.Services {
			strip := strips[svc.Name] + stripLetters[svc.Status.State]
			strips[svc.Name] = strip[max(0, len(strip)-stripLength):]
		}
		if err := drawTop(w, list, before, strips, time.Now()); err != nil {
			return err
		}
		before = &list
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return nil
		}
	}
}

// drawTop draws one picture; on a terminal, over the one before.
func drawTop(w io.Writer, list api.ServiceList, before *api.ServiceList, strips map[string]string, now time.Time) error {
	t := servicesTable(list, before, now, false)
	t.head = append(t.head[:7:7], "STATES", "NOTE")
	for i, row := range t.rows {
		t.rows[i] = append(row[:7:7], strips[list.Services[i].Name], row[7])
	}
	columns, rows := linux.TerminalSize(1)
	if len(t.rows) > rows-3 && rows > 3 {
		t.rows = t.rows[:rows-3]
	}
	var b strings.Builder
	if columns > 0 {
		b.WriteString("\x1b[H\x1b[2J")
	}
	running := 0
	for _, svc := range list.Services {
		if svc.Status.State == api.Running {
			running++
		}
	}
	fmt.Fprintf(&b, "%s  %d of %d services running\n", now.Format(time.TimeOnly), running, len(list.Services))
	if err := t.write(&b, columns); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}
