package supervisor

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/sys"
)

func TestAttributesAreThoseOfTheConfiguration(t *testing.T) {
	mask, nice, score := 0o27, 5, 300
	p := config.Process{User: "www-data", Umask: &mask, Nice: &nice, OOMScoreAdj: &score, NoNewPrivs: true,
		Rlimits:  map[string]config.Rlimit{"nofile": {Soft: 10, Hard: 20}, "core": {Soft: 0, Hard: config.NoRlimit}},
		Identity: &config.Identity{UID: 33, GID: 34, Groups: []uint32{35}}}
	const nofile, core = 7, 4 // asm-generic/resource.h
	assert.Equal(t, syscall.RLIMIT_NOFILE, nofile)
	assert.Equal(t, sys.Attributes{Umask: &mask, Nice: &nice, OOMScoreAdj: &score, NoNewPrivs: true,
		Rlimits:    []sys.Rlimit{{Resource: core, Hard: sys.RlimitInfinity}, {Resource: nofile, Soft: 10, Hard: 20}},
		Credential: &sys.Credential{UID: 33, GID: 34, Groups: []uint32{35}}}, attributes(p))
	p.Identity.Own = true
	assert.Nil(t, attributes(p).Credential, "gosv runs as that user already, perhaps without the right to set it")
	assert.Zero(t, attributes(config.Process{}))
	for number, name := range config.RlimitNames {
		assert.Equal(t, "RLIMIT_"+upper(name), sys.Rlimit{Resource: number}.Name())
	}
}

func upper(name string) string {
	text := []byte(name)
	for i := range text {
		text[i] -= 'a' - 'A'
	}
	return string(text)
}

func TestServiceEnvironment(t *testing.T) {
	own := []string{"PATH=/bin", "HOME=/root", "A=1"}
	conf := config.NewService("web", "x")
	assert.Equal(t, own, serviceEnvironment(own, conf))

	conf.Env = map[string]string{"A": "2"}
	conf.Process.User = "www-data"
	conf.Process.Identity = &config.Identity{Name: "www-data", Home: "/var/www"}
	assert.ElementsMatch(t, []string{"PATH=/bin", "HOME=/var/www", "USER=www-data", "LOGNAME=www-data", "A=2"}, serviceEnvironment(own, conf))

	conf.Env["HOME"] = "/srv"
	conf.Process.ClearEnv = true
	assert.ElementsMatch(t, []string{"HOME=/srv", "USER=www-data", "LOGNAME=www-data", "A=2"}, serviceEnvironment(own, conf), "env wins")
}
