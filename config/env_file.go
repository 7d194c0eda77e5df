package config

import (
	"fmt"
	"strings"
)

// ParseEnvFile reads the variables of an env_files entry: lines NAME=value, empty
// lines, and comments that begin with #. One pair of quotes around a value is
// removed; nothing is expanded. An error names the line.
func ParseEnvFile(text []byte) (map[string]string, error) {
	env := map[string]string{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		switch {
		case !ok || name == "" || strings.ContainsAny(name, " \t"):
			return nil, fmt.Errorf("line %d: %s is not NAME=value", number, quote(line))
		case strings.ContainsRune(line, 0):
			return nil, fmt.Errorf("line %d: a NUL byte cannot be passed on", number)
		case name == reserved:
			return nil, fmt.Errorf("line %d: variable %q is gosv's own; leave it out", number, name)
		}
		env[name] = unquoted(value)
	}
	return env, nil
}

func unquoted(value string) string {
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		return value[1 : n-1]
	}
	return value
}
