package integration

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeysAreForwardedWhateverStdinIs(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	null, err := os.Open("/dev/null")
	require.NoError(t, err)
	defer null.Close()
	g := launch{args: []string{"--run", "sleep 1000"}, stdin: null}.on(term).start(t)
	g.started("sleep", 1)
	assert.Equal(t, g.pid, term.foreground())
	term.types("\x03")
	assert.Equal(t, 130, g.status())
}
