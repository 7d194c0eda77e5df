package integration

import (
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClosedStdoutDoesNotStopSupervision(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	config := configFile(t, "off", program("talker", "sh", "-c", "while :; do echo talk; sleep 0.02; done"), sleeper("quiet"))
	g := launch{args: []string{"--config", config}, stdout: writer}.start(t)
	require.NoError(t, writer.Close())
	talker, quiet := g.started("talker", 1), g.started("quiet", 1)
	require.NoError(t, reader.Close()) // as gosv | true

	g.says("", "the output of services is being lost", 1)
	kill(t, quiet, syscall.SIGKILL)
	g.started("quiet", 2)
	assert.True(t, alive(talker), "the service itself does not notice")
	g.stop()
}
