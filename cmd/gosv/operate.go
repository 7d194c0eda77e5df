package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/control/client"
)

// operator is what the verbs that speak to a running gosv have in common.
type operator struct {
	socket string
	output string   // -o
	forms  []string // what -o takes; the first is the default
}

// operatorCommand makes such a verb.
func operatorCommand(o *operator, use, short string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		if len(o.forms) > 0 && !slices.Contains(o.forms, o.output) {
			return fmt.Errorf("-o is %q; use %s", o.output, strings.Join(o.forms, ", "))
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		cmd.SetContext(ctx)
		return o.explain(run(cmd, args))
	}}
	f := c.Flags()
	f.SortFlags = false
	if len(o.forms) > 0 {
		f.StringVarP(&o.output, "output", "o", o.forms[0], "`form` of the output: "+strings.Join(o.forms, ", "))
	}
	f.StringVar(&o.socket, "socket", "", "control socket of gosv at this `path`")
	c.ValidArgsFunction = o.completeServices
	return c
}

// client connects to the socket that the flag, the environment or the standard names.
func (o *operator) client() *client.Client { return client.New(clientSocket(o.socket)) }

// clientSocket is where to look for a gosv. A user whose own gosv does not run
// may be allowed to use root's.
func clientSocket(flag string) string {
	if flag != "" {
		return flag
	}
	if env := os.Getenv("GOSV_SOCKET"); env != "" {
		return env
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		own := filepath.Join(dir, "gosv.sock")
		if _, err := os.Stat(own); err == nil {
			return own
		}
	}
	return rootSocket
}

// problemStatus is the exit status for codes of the API; others are failures.
var problemStatus = map[string]exitStatus{
	"no_such_service": statusNoService, "not_running": statusNotRunning,
	"bad_signal": statusUsage, "bad_parameter": statusUsage, "bad_request": statusUsage,
}

// explain prints an error for people and turns it into an exit status.
func (o *operator) explain(err error) error {
	var status exitStatus
	var p *api.Problem
	switch {
	case err == nil || errors.As(err, &status):
		return err
	case errors.Is(err, context.Canceled):
		return exitStatus(128 + int(syscall.SIGINT))
	case errors.As(err, &p):
		fmt.Fprintf(os.Stderr, "gosv: %s\n", escape(p.Detail))
		fmt.Fprintf(os.Stderr, "  why: %s\n", escape(p.Why))
		if p.Try != "" {
			fmt.Fprintf(os.Stderr, "  try: %s\n", escape(p.Try))
		}
		if status, known := problemStatus[p.Code]; known {
			return status
		}
		return statusFailed
	case errors.Is(err, client.ErrNoSupervisor):
		fmt.Fprintf(os.Stderr, "gosv: %v\n  try: gosv --config FILE --socket PATH starts one; --socket PATH or GOSV_SOCKET names another\n", err)
		return statusNoGosv
	case errors.Is(err, fs.ErrPermission):
		fmt.Fprintf(os.Stderr, "gosv: %v\n  try: as root, as the user that runs gosv, or as a member of its socket_group\n", err)
		return statusFailed
	}
	fmt.Fprintf(os.Stderr, "gosv: %v\n", err)
	return statusFailed
}

// completeServices offers the names that the running gosv has.
func (o *operator) completeServices(cmd *cobra.Command, given []string, prefix string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(context.Background(), completionPatience)
	defer cancel()
	list, err := o.client().Services(ctx, client.ListOptions{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, svc := range list.Services {
		if strings.HasPrefix(svc.Name, prefix) && !slices.Contains(given, svc.Name) {
			names = append(names, cobra.CompletionWithDesc(svc.Name, string(svc.Status.State)))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// printJSON writes one value, indented on request by jq only: it is for programs.
func printJSON(w io.Writer, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}
