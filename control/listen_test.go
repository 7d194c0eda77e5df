package control_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control"
)

func TestListenMakesAPrivateSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "s")
	l, err := control.Listen(path, -1)
	require.NoError(t, err)
	info, err := os.Lstat(path)
	require.NoError(t, err)
	assert.Equal(t, os.ModeSocket|0o600, info.Mode())
	assert.False(t, l.Missing())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing else is left")
	require.NoError(t, l.Close())
	_, err = os.Lstat(path)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestListenForAGroup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := control.Listen(path, os.Getgid())
	require.NoError(t, err)
	defer l.Close()
	info, err := os.Lstat(path)
	require.NoError(t, err)
	assert.Equal(t, os.ModeSocket|0o660, info.Mode())
}

func TestListenReplacesAStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	stale.SetUnlinkOnClose(false)
	require.NoError(t, stale.Close())
	l, err := control.Listen(path, -1)
	require.NoError(t, err)
	defer l.Close()
	conn, err := net.Dial("unix", path)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
}

func TestListenNamesWhoListensAlready(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := control.Listen(path, -1)
	require.NoError(t, err)
	defer l.Close()
	_, err = control.Listen(path, -1)
	require.ErrorIs(t, err, control.ErrInUse)
	assert.ErrorContains(t, err, "PID "+strconv.Itoa(os.Getpid())+" (control.test)")
}

func TestListenKeepsOtherFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "precious")
	require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
	_, err := control.Listen(path, -1)
	require.ErrorContains(t, err, "is not a socket")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "text", string(text))
	_, err = control.Listen(filepath.Join(t.TempDir(), strings.Repeat("x", 200)), -1)
	assert.ErrorContains(t, err, "name a shorter one with --socket")
}

// A socket that another one has replaced is not removed.
func TestCloseLeavesTheSocketOfAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := control.Listen(path, -1)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	assert.True(t, l.Missing())
	other, err := control.Listen(path, -1)
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, l.Close())
	assert.FileExists(t, path)
}

// TestInheritedListener runs itself with a socket in descriptor 4.
func TestInheritedListener(t *testing.T) {
	if os.Getenv("INHERITED_CHILD") != "" {
		l, err := control.Inherited(func(name string) string {
			return map[string]string{"LISTEN_PID": fmt.Sprint(os.Getpid()), "LISTEN_FDS": "2", "LISTEN_FDNAMES": "other:control"}[name]
		})
		require.NoError(t, err)
		conn, err := l.Accept()
		require.NoError(t, err)
		_, err = conn.Write([]byte("hello from " + l.Path()))
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		return
	}
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	file, err := l.File()
	require.NoError(t, err)
	child := exec.Command(os.Args[0], "-test.run=^TestInheritedListener$")
	child.Env = append(os.Environ(), "INHERITED_CHILD=1")
	child.ExtraFiles = []*os.File{os.Stdin, file}
	require.NoError(t, child.Start())
	defer child.Wait()
	conn, err := net.Dial("unix", path)
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	text := make([]byte, 500)
	n, err := conn.Read(text)
	require.NoError(t, err)
	assert.Equal(t, "hello from "+path, string(text[:n]))
}

func TestNothingIsInheritedByAnotherProcess(t *testing.T) {
	l, err := control.Inherited(func(name string) string {
		return map[string]string{"LISTEN_PID": fmt.Sprint(os.Getppid()), "LISTEN_FDS": "1"}[name]
	})
	assert.NoError(t, err)
	assert.Nil(t, l)
}

// A process of another user may connect, if the file lets it, and is refused. So is
// one that is not in the group.
func TestOtherUsersAreRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	w := serve(t, func(o *control.Options) { o.Access.Group = 4321 })
	require.NoError(t, os.Chmod(w.socket, 0o666))
	for dir := filepath.Dir(w.socket); len(dir) > 4; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	as := func(path string, groups ...uint32) string {
		curl := exec.Command("curl", "-s", "-m", "10", "--unix-socket", w.socket, "http://gosv"+path)
		curl.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534, Groups: groups}}
		out, err := curl.CombinedOutput()
		if err != nil {
			t.Skipf("curl cannot connect as another user: %v %s", err, out)
		}
		return string(out)
	}
	assert.Contains(t, as("/v1/services"), `"code":"forbidden"`)
	assert.Contains(t, as("/v1/services", 4321), `"api_version":"v1"`)
	assert.Contains(t, as("/v1/services/web?secrets=1", 4321), `"code":"secrets_forbidden"`)
}
