package nearest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWord(t *testing.T) {
	keys := []string{"max_restarts", "command", "env", "dir"}
	for written, want := range map[string]string{
		"max_restart": "max_restarts", "maxRestarts": "max_restarts", "comand": "command", "ocmmand": "command",
		"evn": "env", "xyz": "", "": "", "di": "dir", "completely_else": "",
	} {
		got, ok := Word(written, keys)
		assert.Equal(t, want, got, written)
		assert.Equal(t, want != "", ok, written)
	}
}
