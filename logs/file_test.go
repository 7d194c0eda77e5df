package logs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFileThatWasRenamedIsOpenedAgainAtTheEndOfALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "web.log")
	f, err := OpenFile(path)
	require.NoError(t, err)
	defer f.Close()
	write := func(text string) {
		f.looked = time.Now().Add(-2 * lookPeriod)
		_, err := f.Write([]byte(text))
		require.NoError(t, err)
	}
	write("one\ntw")
	require.NoError(t, os.Rename(path, path+".1"))
	write("o\n")
	write("three\n")
	old, err := os.ReadFile(path + ".1")
	require.NoError(t, err)
	assert.Equal(t, "one\ntwo\n", string(old))
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "three\n", string(now))
}

func TestARawStreamWritesLinesWithoutNamesToAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.log")
	f, err := OpenFile(path)
	require.NoError(t, err)
	defer f.Close()
	d := NewDestination(f, Options{})
	s := d.NewRawStream()
	s.Write([]byte("one\ntwo"))
	s.Close()
	assert.Zero(t, d.Close(10*time.Second).LostLines)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "one\ntwo\n", string(text))
}

func TestARemovedFileIsClosedWhenItsDiskIsFullInTheMiddleOfALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.log")
	f, err := OpenFile(path)
	require.NoError(t, err)
	defer func() { f.Close() }()
	_, err = f.Write([]byte("be"))
	require.NoError(t, err)
	require.NoError(t, f.file.Close())
	f.file, err = os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	_, err = f.Write([]byte("gin\nend\n"))
	require.NoError(t, err)
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "gin\nend\n", string(now))
}
