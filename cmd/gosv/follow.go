package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

func eventsCommand() *cobra.Command {
	o := &operator{forms: []string{"text", "json"}}
	var follow bool
	var after int64
	c := operatorCommand(o, "events [NAME...]", "Show what happened to services", cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		opt := client.EventOptions{Services: args, Follow: follow}
		if after >= 0 {
			seq := uint64(after)
			opt.After = &seq
		} else if oldest, err := o.oldestEvent(cmd); err != nil {
			return err
		} else {
			opt.After = &oldest
		}
		w := cmd.OutOrStdout()
		return o.client().Events(cmd.Context(), opt, func(e api.Event) error {
			if o.output == "json" {
				return printJSON(w, e)
			}
			if e.Type == api.BookmarkEvent {
				return nil
			}
			_, err := fmt.Fprintln(w, eventText(e, time.Now()))
			return err
		})
	})
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what happens from now on")
	c.Flags().Int64Var(&after, "after", -1, "begin after the event with this `number`; the default is all that are kept")
	return c
}

// oldestEvent finds the number before the first event that is kept.
func (o *operator) oldestEvent(cmd *cobra.Command) (uint64, error) {
	info, err := o.client().Info(cmd.Context())
	return info.OldestSeq, err
}

// eventText is one line about an event.
func eventText(e api.Event, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d  %s  ", e.Seq, clock(e.Time, now))
	if e.Service != "" {
		b.WriteString(e.Service + ": ")
	}
	switch e.Type {
	case api.StateEvent:
		fmt.Fprintf(&b, "%s -> %s", e.From, e.To)
		if e.PID != 0 {
			fmt.Fprintf(&b, ", PID %d", e.PID)
		}
		if e.Exit != nil {
			b.WriteString(", " + escape(e.Exit.Text))
		}
		if e.NextStart != nil {
			fmt.Fprintf(&b, ", next start in %s", age(e.NextStart.Sub(e.Time)))
		}
	case api.CommandEvent:
		fmt.Fprintf(&b, "%s was carried out (operation %s)", e.Cause, e.Operation)
		if e.Ignored != "" {
			b.WriteString(", ignored: " + escape(e.Ignored))
		}
	default:
		b.WriteString(e.Level + ": " + escape(e.Text))
	}
	return b.String()
}

func logsCommand() *cobra.Command {
	o := &operator{forms: []string{"short", "raw", "json"}}
	var follow bool
	var lines int
	var since time.Duration
	c := operatorCommand(o, "logs [NAME...]", "Show the last lines of services", cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		if lines < 0 {
			return errors.New("-n must not be negative")
		}
		if since > 0 && !cmd.Flags().Changed("lines") {
			lines = 1 << 30
		}
		begin := time.Now().Add(-since)
		return o.client().Logs(cmd.Context(), client.LogOptions{Services: args, Lines: lines, Follow: follow}, func(line api.Line) error {
			if since > 0 && line.Time.Before(begin) {
				return nil
			}
			return o.printLine(cmd, line, len(args) != 1 || strings.ContainsAny(args[0], `*?[`))
		})
	})
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what they print from now on")
	c.Flags().IntVarP(&lines, "lines", "n", 20, "how many last `lines`")
	c.Flags().DurationVar(&since, "since", 0, "only lines of the last `time`, such as 10m")
	return c
}

// printLine writes one line in the form that was asked for. named: with the
// name of its service.
func (o *operator) printLine(cmd *cobra.Command, line api.Line, named bool) error {
	w := cmd.OutOrStdout()
	if o.output == "json" {
		return printJSON(w, line)
	}
	if line.Dropped > 0 {
		fmt.Fprintf(w, "(%d lines of %s are not kept)\n", line.Dropped, line.Service)
	}
	text := line.Text
	if outputWidth() > 0 {
		text = escape(text)
	}
	if o.output == "short" {
		if named {
			text = line.Service + " | " + text
		}
		text = line.Time.Local().Format("Jan _2 15:04:05.000 ") + text
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
