package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// statusChanges is the status of a dry run that found changes.
const statusChanges exitStatus = 10

func reloadCommand() *cobra.Command {
	o := &operator{forms: []string{"text", "json"}}
	var dryRun bool
	c := operatorCommand(o, "reload", "Read the configuration file again and apply what changed", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		done, err := o.client().Reload(cmd.Context(), dryRun)
		if err != nil {
			return err
		}
		w := cmd.OutOrStdout()
		if o.output == "json" {
			if err := printJSON(w, done); err != nil {
				return err
			}
		} else {
			for _, line := range planLines(done) {
				if _, err := fmt.Fprintln(w, line); err != nil {
					return err
				}
			}
		}
		if dryRun && len(done.Changes)+len(done.Pending) > 0 {
			return statusChanges
		}
		return nil
	})
	c.Flags().BoolVar(&dryRun, "dry-run", false, "only print what would change; status 10 if anything would")
	c.Long = "Read the configuration file again and apply what changed. A file with an error changes nothing.\n\n" +
		"Exit status: 0; 1 it failed; 7 no gosv at the socket; with --dry-run 10 if something would change."
	c.ValidArgsFunction = cobra.NoFileCompletions
	return c
}
