package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
)

// BenchmarkLoad reads a file of 1,000 services: what a start of all of them
// has to wait for.
func BenchmarkLoad(b *testing.B) {
	var services []string
	for i := range 1000 {
		services = append(services, fmt.Sprintf(
			`{"name": "s%d", "command": "/bin/sleep", "args": ["1000"], "backoff": {"initial": "0s"}, "max_restarts": -1}`, i))
	}
	text := []byte(`{"cgroup": "off", "services": [` + strings.Join(services, ", ") + `]}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		file, diagnostics := config.Load("services.json", text)
		require.Empty(b, diagnostics)
		require.Len(b, file.Services, 1000)
	}
}
