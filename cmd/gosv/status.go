package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

// completionPatience is how long a shell waits for the names of services.
const completionPatience = time.Second

func statusCommand() *cobra.Command {
	o := &operator{forms: []string{"table", "wide", "json", "name"}}
	var watch bool
	c := operatorCommand(o, "status [NAME...]", "Show what services do", cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		if watch {
			return o.watch(cmd.Context(), cmd.OutOrStdout(), args)
		}
		list, err := o.client().Services(cmd.Context(), client.ListOptions{Names: args, Usage: o.output != "name"})
		if err != nil {
			return err
		}
		if err := o.printServices(cmd.OutOrStdout(), list, nil); err != nil {
			return err
		}
		return notRunning(list, args)
	})
	c.Flags().BoolVarP(&watch, "watch", "w", false, "show it again whenever something changes")
	c.Long = "Show what services do. NAME may be a pattern such as 'web*'.\n\nStatuses: 0; 3 if a service that was named does not run; 4 no such service; 7 no gosv at the socket."
	return c
}

// notRunning is the status for services that were named and do not run.
func notRunning(list api.ServiceList, names []string) error {
	for _, svc := range list.Services {
		if len(names) > 0 && svc.Status.State != api.Running {
			return statusNotRunning
		}
	}
	return nil
}

// row is one service for programs, without the levels of the API.
type row struct {
	Name          string      `json:"name"`
	State         api.State   `json:"state"`
	Desired       api.Desired `json:"desired"`
	PID           *int        `json:"pid"` // null: it does not run
	UptimeSeconds float64     `json:"uptime_seconds"`
	Restarts      int         `json:"restarts"`
	CPUSeconds    *float64    `json:"cpu_seconds"`
	MemoryBytes   *int64      `json:"memory_bytes"`
	NextStart     *time.Time  `json:"next_start,omitempty"`
	LastExit      *api.Exit   `json:"last_exit"`
	Note          string      `json:"note,omitempty"`
}

func rowOf(svc api.Service, now time.Time) row {
	st := svc.Status
	r := row{
		Name: svc.Name, State: st.State, Desired: st.Desired, UptimeSeconds: st.UptimeSeconds, Restarts: st.Restarts,
		NextStart: st.NextStart, LastExit: st.LastExit, Note: note(svc, now),
	}
	if st.PID != 0 {
		r.PID = &st.PID
	}
	if u := st.Usage; u != nil {
		r.CPUSeconds, r.MemoryBytes = &u.CPUSeconds, &u.MemoryBytes
	}
	return r
}

// printServices writes a list in the form that was asked for. before is an
// earlier list, against which CPU time is shown; nil: over the whole run.
func (o *operator) printServices(w io.Writer, list api.ServiceList, before *api.ServiceList) error {
	now := time.Now()
	switch o.output {
	case "json":
		answer := struct {
			APIVersion string `json:"api_version"`
			Seq        uint64 `json:"seq"`
			Services   []row  `json:"services"`
		}{list.APIVersion, list.Seq, make([]row, len(list.Services))}
		for i, svc := range list.Services {
			answer.Services[i] = rowOf(svc, now)
		}
		return printJSON(w, answer)
	case "name":
		for _, svc := range list.Services {
			if _, err := fmt.Fprintln(w, svc.Name); err != nil {
				return err
			}
		}
		return nil
	}
	t := servicesTable(list, before, now, o.output == "wide")
	width := outputWidth()
	if o.output == "wide" {
		width = 0
	}
	return t.write(w, width)
}

func servicesTable(list api.ServiceList, before *api.ServiceList, now time.Time, wide bool) table {
	t := table{
		head:  []string{"NAME", "STATE", "PID", "UPTIME", "RESTARTS", "CPU", "MEMORY", "NOTE"},
		right: []bool{false, false, true, true, true, true, true},
	}
	if wide {
		t.head = append(t.head[:7:7], "DESIRED", "GENERATION", "LAST EXIT", "CGROUP", "NOTE")
	}
	earlier := map[string]*api.Usage{}
	if before != nil {
		for _, svc := range before.Services {
			earlier[svc.Name+"/"+strconv.FormatUint(svc.Status.Generation, 10)] = svc.Status.Usage
		}
	}
	for _, svc := range list.Services {
		st := svc.Status
		pid, uptime, cpu, memory := "", "", "", ""
		if st.PID != 0 {
			pid, uptime = strconv.Itoa(st.PID), age(time.Duration(st.UptimeSeconds*float64(time.Second)))
		}
		if u := st.Usage; u != nil {
			memory, cpu = bytesText(u.MemoryBytes), percent(u.CPUSeconds, st.UptimeSeconds)
			if old := earlier[svc.Name+"/"+strconv.FormatUint(st.Generation, 10)]; old != nil {
				cpu = percent(u.CPUSeconds-old.CPUSeconds, u.At.Sub(old.At).Seconds())
			}
		}
		cells := []string{svc.Name, string(st.State), dash(pid), dash(uptime), strconv.Itoa(st.Restarts), dash(cpu), dash(memory)}
		if wide {
			last := "-"
			if st.LastExit != nil {
				last = shortExit(st.LastExit)
			}
			cells = append(cells, string(st.Desired), strconv.FormatUint(st.Generation, 10), last, dash(st.Cgroup))
		}
		t.rows = append(t.rows, append(cells, note(svc, now)))
	}
	return t
}

// watch shows the list again after each event, and every two seconds for the
// figures that change by themselves, but not more often than ten times a second.
func (o *operator) watch(ctx context.Context, w io.Writer, names []string) error {
	c := o.client()
	changed := make(chan struct{}, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- c.Events(ctx, client.EventOptions{Follow: true}, func(api.Event) error {
			select {
			case changed <- struct{}{}:
			default:
			}
			return nil
		})
	}()
	var before *api.ServiceList
	for {
		list, err := c.Services(ctx, client.ListOptions{Names: names, Usage: true})
		if err != nil {
			return err
		}
		if outputWidth() > 0 {
			fmt.Fprint(w, "\x1b[H\x1b[2J")
		}
		if err := o.printServices(w, list, before); err != nil {
			return err
		}
		before = &list
		time.Sleep(100 * time.Millisecond)
		select {
		case <-changed:
		case <-time.After(2 * time.Second):
		case err := <-ended:
			return err
		}
	}
}
