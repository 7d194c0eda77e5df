package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control"
)

// Commands that errors recommend can be typed as they stand.
func TestRecommendedCommandsParse(t *testing.T) {
	require.NotEmpty(t, control.Tries())
	for _, line := range append(control.Tries(), "gosv --config FILE --socket PATH", "gosv start NAME") {
		words := strings.Fields(strings.ReplaceAll(line, "NAME", "web"))
		require.Equal(t, "gosv", words[0], line)
		assert.NoError(t, parses(words[1:]), line)
	}
	assert.Error(t, parses([]string{"descrbe", "web"}))
	assert.Error(t, parses([]string{"status", "--no-such-flag"}))
	assert.Error(t, parses([]string{"describe"}))
}

func parses(words []string) error {
	root := rootCommand()
	strictHelp(root)
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}
