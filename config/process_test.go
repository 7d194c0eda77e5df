package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
)

func TestLoadTheProcessOfAService(t *testing.T) {
	file, diagnostics := config.Load("services.json", []byte(service(`
		"user": "www-data", "group": "33", "supplementary_groups": ["video", "44"], "umask": "027", "nice": -5, "oom_score_adj": 0,
		"rlimits": {"nofile": "1024:4096", "core": 0, "memlock": "unlimited"}, "no_new_privs": true, "clear_env": true,
		"env_files": ["web.env"], "autostart": false, "essential": true`)))
	require.Empty(t, diagnostics)
	mask, nice, score := 0o27, -5, 0
	want := config.Process{
		User: "www-data", Group: "33", Groups: []string{"video", "44"}, Umask: &mask, Nice: &nice, OOMScoreAdj: &score,
		Rlimits:    map[string]config.Rlimit{"nofile": {Soft: 1024, Hard: 4096}, "core": {}, "memlock": {Soft: config.NoRlimit, Hard: config.NoRlimit}},
		NoNewPrivs: true, ClearEnv: true, EnvFiles: []string{"web.env"},
	}
	assert.Empty(t, cmp.Diff(want, file.Services[0].Process))
	assert.True(t, file.Services[0].Manual)
	assert.True(t, file.Services[0].Essential)
	requireComesBack(t, file)
}

func TestParseEnvFile(t *testing.T) {
	env, err := config.ParseEnvFile([]byte("# a comment\n\nA=1\r\n  B = two words \nC=\"quoted # text\"\nD='x'\nE=\nF=$HOME=\"\n"))
	assert.ErrorContains(t, err, `line 4: "B = two words" is not NAME=value`)
	assert.Nil(t, env)
	env, err = config.ParseEnvFile([]byte("# a comment\n\nA=1\r\n  B=two words \nC=\"quoted # text\"\nD='x'\nE=\nF=$HOME=\"\nG=\""))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"A": "1", "B": "two words", "C": "quoted # text", "D": "x", "E": "", "F": `$HOME="`, "G": `"`}, env)
	for text, want := range map[string]string{
		"A=1\nexport B=2":   `line 2: "export B=2" is not NAME=value`,
		"=x":                `line 1: "=x" is not NAME=value`,
		"A":                 `line 1: "A" is not NAME=value`,
		"A=\x00":            "line 1: a NUL byte cannot be passed on",
		"GOSV_INVOCATION=1": `line 1: variable "GOSV_INVOCATION" is gosv's own; leave it out`,
	} {
		_, err := config.ParseEnvFile([]byte(text))
		assert.EqualError(t, err, want)
	}
}

func TestInstancesAreServicesOfTheirOwn(t *testing.T) {
	file, diagnostics := config.Load("services.json", []byte(`{"services": [
		{"name": "web", "command": "x", "instances": 2, "env": {"A": "1"}}, {"name": "db", "command": "y"}]}`))
	require.Empty(t, diagnostics)
	require.Len(t, file.Services, 3)
	for i, want := range []string{"web/1", "web/2", "db"} {
		assert.Equal(t, want, file.Services[i].Name)
	}
	assert.Equal(t, map[string]string{"A": "1", "GOSV_INSTANCE": "1"}, file.Services[0].Env)
	assert.Equal(t, map[string]string{"A": "1", "GOSV_INSTANCE": "2"}, file.Services[1].Env)
	assert.Empty(t, file.Services[2].Env)
	requireComesBack(t, file)
	for text, want := range map[string]string{
		`{"name": "web", "command": "x", "instances": 2}, {"name": "web/2", "command": "y"}`: `duplicate service name "web/2"`,
		`{"name": "web/1", "command": "x", "instances": 2}`:                                  `has no place beside a name with a slash`,
		`{"name": "web", "command": "x", "instances": 2, "env": {"GOSV_INSTANCE": "7"}}`:     `has no place beside GOSV_INSTANCE in "env"`,
		`{"name": "web", "command": "x", "instances": 0}`:                                    `"instances" in service "web" must be`,
		`{"name": "web/0", "command": "x"}, {"name": "a/b", "command": "x"}`:                 `service name "web/0" must be`,
		`{"name": "web/01", "command": "x"}, {"name": "../web", "command": "x"}`:             `service name "web/01" must be`,
	} {
		_, diagnostics := config.Load("services.json", []byte(`{"services": [`+text+`]}`))
		require.NotEmpty(t, diagnostics, text)
		assert.Contains(t, diagnostics[0].Message, want)
	}
}
