package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/internal/signame"
)

func signalCommand() *cobra.Command {
	a := &action{verb: api.Signal, past: "signalled"}
	c := operatorCommand(&a.operator, "signal SIGNAL NAME...", "Send a signal to the main process of services", func(_ *cobra.Command, args []string) error {
		if len(args) < 2 && !(len(args) == 1 && a.all) {
			return errors.New("signal takes a signal and the names of services: gosv signal HUP web")
		}
		if a.all && len(args) > 1 {
			return errors.New("give names or --all, not both")
		}
		return nil
	}, func(cmd *cobra.Command, args []string) error {
		request := api.CommandRequest{Verb: api.Signal, Signal: strings.ToUpper(args[0]), Services: args[1:], All: a.all}
		return a.run(cmd.Context(), cmd.OutOrStdout(), request)
	})
	c.Flags().BoolVar(&a.all, "all", false, "every service")
	c.Long = "Send a signal to the main process of services. SIGNAL is a name of signal(7), with or without SIG.\n\n" +
		"Exit status: 0; 1 it failed; 2 there is no such signal; 3 not running; 4 no such service; 7 no gosv at the socket."
	c.ValidArgsFunction = func(cmd *cobra.Command, given []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if len(given) == 0 {
			return signame.All(), cobra.ShellCompDirectiveNoFileComp
		}
		return a.completeServices(cmd, given[1:], prefix)
	}
	return c
}

func resetCommand() *cobra.Command {
	a := &action{verb: api.Reset, past: "reset"}
	c := operatorCommand(&a.operator, "reset NAME...", "Make failed services stopped ones and forget their restarts", a.checkArgs, func(cmd *cobra.Command, args []string) error {
		return a.run(cmd.Context(), cmd.OutOrStdout(), api.CommandRequest{Verb: api.Reset, Services: args, All: a.all})
	})
	c.Flags().BoolVar(&a.all, "all", false, "every service")
	return c
}
