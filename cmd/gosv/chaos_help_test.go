package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
)

func TestHelpOfChaosFitsASmallTerminal(t *testing.T) {
	var out bytes.Buffer
	root := rootCommand()
	root.SetOut(&out)
	root.SetArgs([]string{"chaos", "--help"})
	require.NoError(t, root.Execute())
	for line := range strings.Lines(out.String()) {
		assert.LessOrEqual(t, len(strings.TrimSuffix(line, "\n")), helpWidth, line)
	}
	for _, name := range chaos.FaultNames() {
		assert.Regexp(t, `[ \n]`+name+`,`, out.String())
	}
}

func TestDocumentationOfChaosHasEveryFlag(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/chaos.md")
	require.NoError(t, err)
	flags := 0
	chaosCommand().Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		flags++
		row := ""
		for line := range strings.Lines(string(text)) {
			if cells := strings.Split(line, "|"); row == "" && len(cells) > 3 && strings.Contains(cells[1], fmt.Sprintf("`--%s", f.Name)) {
				row = cells[2]
			}
		}
		require.NotEmpty(t, row, "write a row for --%s into docs/reference/chaos.md", f.Name)
		if v := strings.TrimSuffix(strings.Trim(f.DefValue, "[]"), "m0s"); v != "" && v != "0" && v != "0s" && v != "false" {
			assert.Contains(t, row, v, "the default of --%s", f.Name)
		}
	})
	assert.Greater(t, flags, 20)
}
