package sim_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
)

// requests keeps what gosv asks to be started.
type requests struct {
	*fakesys.Kernel
	all []sys.SpawnRequest
}

func (r *requests) Spawn(req sys.SpawnRequest) {
	r.all = append(r.all, req)
	r.Kernel.Spawn(req)
}

// requested is how a service is started by a gosv that has this environment.
func requested(t *testing.T, svc config.Service, environ ...string) sys.SpawnRequest {
	k := &requests{Kernel: fakesys.New(fakesys.Options{})}
	k.AddProgram(svc.Command, "sleep forever")
	k.At(time.Second, "end", func() { k.SignalSelf(syscall.SIGTERM) })
	supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{svc}, Environ: environ, Dir: "/etc/gosv"}).Run()
	require.Len(t, k.all, 1)
	return k.all[0]
}

// What a service sets replaces what it inherits: getenv(3) gives the first of two
// entries, and a shell the last.
func TestAServiceHasEachVariableOnce(t *testing.T) {
	svc := config.NewService("web", "/svc/web")
	svc.Env = map[string]string{"PORT": "8080", "HOME": "/srv", "EMPTY": ""}
	env := requested(t, svc, "HOME=/root", "PATH=/bin", procfs.InvocationVariable+"=outer").Env
	require.Len(t, env, 5)
	assert.Equal(t, []string{"PATH=/bin", "EMPTY=", "HOME=/srv", "PORT=8080"}, env[:4])
	invocation, itsOwn := strings.CutPrefix(env[4], procfs.InvocationVariable+"=outer/")
	assert.True(t, itsOwn, env[4])
	assert.NotEmpty(t, invocation)
}

// A service begins in the directory that it names, from the configuration's on; one
// that names none begins in gosv's.
func TestWhereAServiceBegins(t *testing.T) {
	for dir, want := range map[string]string{"": "", "/": "/", "data/web": "/etc/gosv/data/web"} {
		svc := config.NewService("web", "/svc/web")
		svc.Dir = dir
		assert.Equal(t, want, requested(t, svc).Dir)
	}
}
