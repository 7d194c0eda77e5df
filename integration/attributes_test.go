package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shown runs a shell command once, with keys of a service, and returns what it printed.
func shown(t *testing.T, command string, keys map[string]any) string {
	t.Helper()
	s := program("a", "/bin/sh", "-c", command).with("restart", "never")
	for key, value := range keys {
		s = s.with(key, value)
	}
	g := launch{args: []string{"--config", configFile(t, "off", s)}, env: []string{"OF_GOSV=1"}}.start(t)
	require.Zero(t, g.status(), g.stderr())
	var lines []string
	for line := range strings.Lines(g.stdout()) {
		_, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "| ")
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

func TestAttributesOfAService(t *testing.T) {
	for name, tt := range map[string]struct {
		command string
		keys    map[string]any
		want    string
	}{
		"umask":         {"umask", map[string]any{"umask": "027"}, "0027"},
		"nice":          {"nice", map[string]any{"nice": 7}, "7"},
		"rlimits":       {"ulimit -Sn; ulimit -Hn; ulimit -c", map[string]any{"rlimits": map[string]any{"nofile": "100:200", "core": 0}}, "100\n200\n0"},
		"oom score":     {"cat /proc/self/oom_score_adj", map[string]any{"oom_score_adj": 700}, "700"},
		"no new privs":  {"grep NoNewPrivs /proc/self/status", map[string]any{"no_new_privs": true}, "NoNewPrivs:\t1"},
		"clear env":     {"/usr/bin/env | grep -v ^GOSV_INVOCATION= | grep -v ^PWD= | grep -v ^SHLVL= | grep -v ^_= | sort", map[string]any{"clear_env": true, "env": map[string]string{"B": "2"}}, "B=2"},
		"gosv's env":    {"echo $OF_GOSV", nil, "1"},
		"command words": {"", map[string]any{"command": []string{"/bin/echo", "two words"}, "args": nil}, "two words"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.keys["args"] == nil && tt.command == "" {
				g := launch{args: []string{"--config", configFile(t, "off", service{"name": "a", "command": tt.keys["command"], "restart": "never"})}}.start(t)
				require.Zero(t, g.status(), g.stderr())
				assert.Contains(t, g.stdout(), "| "+tt.want+"\n")
				return
			}
			assert.Equal(t, tt.want, shown(t, tt.command, tt.keys))
		})
	}
}

func TestAServiceRunsAsAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("to run a service as another user takes root")
	}
	const command = `id -u; id -g; id -G; echo $USER $LOGNAME $HOME $SHELL; grep CapEff /proc/self/status`
	lines := strings.Split(shown(t, command, map[string]any{"user": "daemon", "supplementary_groups": []string{"4711"}}), "\n")
	require.Len(t, lines, 5)
	assert.Equal(t, "1", lines[0])
	assert.Equal(t, "1", lines[1])
	assert.ElementsMatch(t, []string{"1", "4711"}, strings.Fields(lines[2]), "none of root's groups")
	assert.Regexp(t, `^daemon daemon /\S+ /\S+$`, lines[3])
	assert.Equal(t, "CapEff:\t0000000000000000", lines[4])

	assert.Equal(t, "4711\n0", shown(t, "id -u; id -g", map[string]any{"user": "4711", "group": "root"}))
}

func TestAnUnknownUserIsAnErrorOfTheConfiguration(t *testing.T) {
	for key, want := range map[string]string{
		"user":  `service "a": cannot find the user "no-such-name": the user database has no such entry`,
		"group": `service "a": cannot find the group "no-such-name": the group database has no such entry`,
	} {
		g := launch{args: []string{"--config", configFile(t, "off", sleeper("a").with(key, "no-such-name"))}}.start(t)
		assert.Equal(t, 78, g.status())
		assert.Contains(t, g.stderr(), want)
	}
	g := launch{args: []string{"--config", configFile(t, "off", sleeper("a").with("user", "47110815"))}}.start(t)
	assert.Equal(t, 78, g.status())
	assert.Contains(t, g.stderr(), `its group is not known: set "group"`)
}

func TestEnvFilesAreRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.env")
	require.NoError(t, os.WriteFile(file, []byte("# comment\nA=of file\nB=\"of file\"\n"), 0o600))
	got := shown(t, `echo "$A, $B"`, map[string]any{"env_files": []string{file}, "env": map[string]string{"A": "of env"}})
	assert.Equal(t, "of env, of file", got)

	g := launch{args: []string{"--config", configFile(t, "off", sleeper("a").with("env_files", []string{"missing.env"}))}}.start(t)
	assert.Equal(t, 78, g.status())
	assert.Regexp(t, `service "a": cannot use the env_files entry /\S+/missing.env: .*no such file`, g.stderr())
}

// A step that fails before the program runs is named, with its errno.
func TestAnAttributeThatIsRefusedIsNamed(t *testing.T) {
	if os.Getuid() == 0 {
		g := asUser(t, 65534, "", "off", sleeper("a").with("nice", -5).with("max_restarts", 0))
		assert.Equal(t, 1, g.status())
		assert.Contains(t, g.stderr(), `nice -5: permission denied`)
		return
	}
	t.Skip("the test becomes a user without privileges, which takes root")
}

func TestAServiceWithoutAutostartWaitsForACommand(t *testing.T) {
	g := launch{args: []string{"--config", configFile(t, "off", sleeper("a"), sleeper("b").with("autostart", false))}}.start(t)
	g.started("a", 1)
	assert.Contains(t, g.dump(), "b: stopped")
	assert.Empty(t, g.of("b", "started"))
	g.stop()
}
