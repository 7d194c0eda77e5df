package difftest_test

import (
	"os"
	"testing"

	"github.com/gosv/gosv/internal/mainthread"
	_ "github.com/gosv/gosv/testproc/live/early"
)

// The kernel under test is used on the main thread; tests send their work to it.
func TestMain(m *testing.M) { os.Exit(mainthread.Run(m.Run)) }
