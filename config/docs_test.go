package config_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
)

// Every configuration that a page shows is one that the loader accepts, without a
// warning. Other JSON in the pages has no key "services".
func TestTheConfigurationsInThePagesAreRight(t *testing.T) {
	pages := []string{"../README.md"}
	require.NoError(t, filepath.WalkDir("../docs", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	}))
	shown := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, block := range codeBlocks(string(text), "json", "jsonc") {
			if !strings.Contains(block, `"services"`) {
				continue
			}
			shown++
			_, diagnostics := config.Load(page, []byte(block))
			assert.Empty(t, diagnostics, "%s shows\n%s", page, block)
		}
	}
	assert.Greater(t, shown, 3, "the pattern must have met the pages")
}

// codeBlocks returns the fenced blocks of some languages, also indented ones.
func codeBlocks(page string, languages ...string) (blocks []string) {
	inside, wanted := false, false
	for line := range strings.Lines(page) {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && !inside:
			for _, language := range languages {
				wanted = wanted || fence == language
			}
			inside = true
			blocks = append(blocks, "")
		case isFence:
			if !wanted {
				blocks = blocks[:len(blocks)-1]
			}
			inside, wanted = false, false
		case inside:
			blocks[len(blocks)-1] += line
		}
	}
	return blocks
}
