package supervisor

import (
	"slices"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/sys"
)

// attributes are in what the main process of a service differs from gosv. The user and
// groups are those of Identity: names are looked up when the configuration is loaded.
func attributes(p config.Process) sys.Attributes {
	a := sys.Attributes{Umask: p.Umask, Nice: p.Nice, OOMScoreAdj: p.OOMScoreAdj, NoNewPrivs: p.NoNewPrivs}
	for number, name := range config.RlimitNames {
		if limit, has := p.Rlimits[name]; has {
			a.Rlimits = append(a.Rlimits, sys.Rlimit{Resource: number, Soft: limit.Soft, Hard: limit.Hard})
		}
	}
	if id := p.Identity; id != nil && !id.Own {
		a.Credential = &sys.Credential{UID: id.UID, GID: id.GID, Groups: slices.Clone(id.Groups)}
	}
	return a
}

// serviceEnvironment is gosv's own environment, unless the service clears it, then what
// its user stands for, then its own variables.
func serviceEnvironment(own []string, conf config.Service) []string {
	base := own
	if conf.Process.ClearEnv {
		base = nil
	}
	if id := conf.Process.Identity; id != nil && conf.Process.User != "" {
		base = environment(base, userVariables(id))
	}
	if len(conf.Env) > 0 {
		base = environment(base, conf.Env)
	}
	return base
}

// userVariables are those of login(1). A variable that /etc/passwd has no value for is
// not set.
func userVariables(id *config.Identity) map[string]string {
	env := map[string]string{}
	for name, value := range map[string]string{"USER": id.Name, "LOGNAME": id.Name, "HOME": id.Home, "SHELL": id.Shell} {
		if value != "" {
			env[name] = value
		}
	}
	return env
}
