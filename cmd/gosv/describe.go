package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

func describeCommand() *cobra.Command {
	o := &operator{forms: []string{"text", "json"}}
	var secrets bool
	c := operatorCommand(o, "describe NAME", "Show everything about a service, and why it is down", exactly(1, "the name of a service"), func(cmd *cobra.Command, args []string) error {
		svc, err := o.client().Service(cmd.Context(), args[0], secrets)
		if err != nil {
			return err
		}
		if o.output == "json" {
			return printJSON(cmd.OutOrStdout(), svc)
		}
		lines := o.lastLines(cmd.Context(), args[0])
		_, err = io.WriteString(cmd.OutOrStdout(), describe(svc, lines, time.Now()))
		return err
	})
	c.Flags().BoolVar(&secrets, "secrets", false, "show the values of env too")
	return c
}

// exactly takes so many arguments.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("%s takes %s, and got %d arguments", cmd.Name(), what, len(args))
		}
		return nil
	}
}

// lastLines are the last of the output; none where no lines are kept.
func (o *operator) lastLines(ctx context.Context, service string) (lines []api.Line) {
	_ = o.client().Logs(ctx, client.LogOptions{Services: []string{service}, Lines: 10}, func(line api.Line) error {
		lines = append(lines, line)
		return nil
	})
	return lines
}

// describe writes the page about a service.
func describe(svc api.Service, lines []api.Line, now time.Time) string {
	st := svc.Status
	var b strings.Builder
	item := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s"+format+"\n", append([]any{name + ":"}, args...)...)
	}
	item("Name", "%s", svc.Name)
	item("State", "%s for %s (since %s)", st.State, age(now.Sub(st.Since)), clock(st.Since, now))
	if text := why(svc, now); text != "" {
		item("Why", "%s", text)
	}
	item("Desired", "%s", st.Desired)
	if st.PID != 0 {
		item("PID", "%d, up %s", st.PID, age(time.Duration(st.UptimeSeconds*float64(time.Second))))
	}
	item("Restarts", "%d in all, %d in a row of %s", st.Restarts, st.Consecutive, limitText(st.MaxRestarts))
	if st.Cgroup != "" {
		item("Cgroup", "%s", escape(st.Cgroup))
	}
	if u := st.Usage; u != nil {
		item("Memory", "%s (%s)", bytesText(u.MemoryBytes), u.Source)
		item("CPU", "%.2fs, %s of one CPU", u.CPUSeconds, percent(u.CPUSeconds, st.UptimeSeconds))
	}
	writeExits(&b, st.Exits, now)
	if len(lines) > 0 {
		b.WriteString("Last lines:\n")
		for _, line := range lines {
			fmt.Fprintf(&b, "  %s  %s\n", clock(line.Time, now), escape(line.Text))
		}
	}
	var spec bytes.Buffer
	if json.Indent(&spec, svc.Spec, "  ", "  ") == nil {
		b.WriteString("Spec:\n  " + spec.String() + "\n")
	}
	return b.String()
}

func writeExits(b *strings.Builder, exits []api.Exit, now time.Time) {
	if len(exits) == 0 {
		return
	}
	b.WriteString("Last exits:\n")
	t := table{head: []string{"  TIME", "GENERATION", "RAN", "PID", "CAUSE"}, right: []bool{false, true, true, true}}
	for _, e := range exits {
		pid := "-"
		if e.PID != 0 {
			pid = fmt.Sprint(e.PID)
		}
		t.rows = append(t.rows, []string{"  " + clock(e.Time, now), fmt.Sprint(e.Generation), shortSeconds(e.RanSeconds), pid, escape(e.Text)})
	}
	_ = t.write(b, 0)
}

// why explains the state to somebody who expected another one.
func why(svc api.Service, now time.Time) string {
	st := svc.Status
	last := "it has not run yet"
	if st.LastExit != nil {
		last = escape(st.LastExit.Text)
		if st.LastExit.RanSeconds > 0 {
			last += " after " + shortSeconds(st.LastExit.RanSeconds)
		}
	}
	switch {
	case st.Unkillable:
		return "something of it survived SIGKILL: a process in uninterruptible sleep, as a rule in a system call to a disk or the network"
	case st.State == api.Backoff && st.NextStart != nil && st.Consecutive > 0:
		return fmt.Sprintf("%s; restart %d of %s in %s", last, st.Consecutive, limitText(st.MaxRestarts), age(st.NextStart.Sub(now)))
	case st.State == api.Backoff && st.NextStart != nil:
		return fmt.Sprintf("%s; next start in %s", last, age(st.NextStart.Sub(now)))
	case st.State == api.Failed && st.Consecutive > 0:
		return fmt.Sprintf("%s; gave up after %d restarts in a row (max_restarts); gosv start %s tries again", last, st.Consecutive, svc.Name)
	case st.State == api.Failed, st.State == api.Exited:
		return last + "; its policy does not restart it after that"
	case st.State == api.Stopped && st.Generation == 0:
		return "it was not started"
	case st.State == api.Stopped:
		return "it was stopped; its last run: " + last
	case st.State == api.Stopping && st.Deadline != nil:
		return fmt.Sprintf("it is being stopped; SIGKILL comes in %s", age(st.Deadline.Sub(now)))
	}
	return ""
}

func limitText(max int) string {
	if max < 0 {
		return "any number"
	}
	return fmt.Sprint(max)
}

func shortSeconds(s float64) string {
	if s < 60 {
		return fmt.Sprintf("%.1fs", s)
	}
	return age(time.Duration(s * float64(time.Second)))
}

// clock is the time of day, with the date if that is not today's.
func clock(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format(time.TimeOnly)
	}
	return t.Format("2006-01-02 15:04:05")
}
