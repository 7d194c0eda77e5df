package arch

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

var yamlBlock = regexp.MustCompile("(?s)\n```yaml\n(.*?)\n```")

// No module of ours depends on a reader of YAML because of one page: python's
// is used where there is one, and it is held to what it must refuse.
func TestYAMLInPagesCanBeRead(t *testing.T) {
	parse := func(text string) error {
		cmd := exec.Command("python3", "-c", "import sys, yaml; d = yaml.safe_load(sys.stdin); sys.exit(0 if isinstance(d, dict) else 'no mapping')")
		cmd.Stdin = strings.NewReader(text)
		return cmd.Run()
	}
	if parse("a: b") != nil {
		t.Skip("python3 with its module yaml is not here (on Debian: apt-get install python3-yaml)")
	}
	assert.Error(t, parse("a: [b"))
	blocks := 0
	for _, page := range pages(t) {
		for _, block := range named(yamlBlock, page.text) {
			blocks++
			assert.NoErrorf(t, parse(block), "%s has YAML that cannot be read:\n%s", page.path, block)
		}
	}
	assert.Positive(t, blocks, "the pattern must have met the page about CI")
}
