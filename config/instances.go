package config

import (
	"maps"
	"strconv"
	"strings"
)

// maxInstances bounds the services that one object of the file stands for.
const maxInstances = 1000

// instanceVariable has the number of an instance in its environment.
const instanceVariable = "GOSV_INSTANCE"

// instances reads how many services one object stands for.
func (l *loader) instances(v value, _ *Service) {
	integer(1, maxInstances, 1, func(*Service) *int { return &l.instanceCount })(l, v, nil)
}

// expand makes NAME/1, NAME/2 ... of a service that has instances.
func (l *loader) expand(s Service) []Service {
	if l.instanceCount == 0 {
		return []Service{s}
	}
	all := make([]Service, l.instanceCount)
	for i := range all {
		number := strconv.Itoa(i + 1)
		all[i] = s
		if s.Name != "" {
			all[i].Name = s.Name + "/" + number
		}
		all[i].Env = maps.Clone(s.Env)
		if all[i].Env == nil {
			all[i].Env = map[string]string{}
		}
		all[i].Env[instanceVariable] = number
	}
	return all
}

// checkInstances compares instances with the keys beside it.
func (l *loader) checkInstances(s *Service, seen members, place string) {
	at, has := seen.get("instances")
	if !has || !at.ok {
		return
	}
	if strings.Contains(s.Name, "/") {
		l.errorf(at.offset, `"instances" %s has no place beside a name with a slash: each instance gets one`, place)
	}
	if _, set := s.Env[instanceVariable]; set {
		l.errorf(at.offset, `"instances" %s has no place beside %s in "env": gosv sets it`, place, instanceVariable)
	}
}

// splitInstance takes the number off the name of an instance: web/2.
func splitInstance(name string) string {
	base, number, slash := strings.Cut(name, "/")
	n, err := strconv.Atoi(number)
	if !slash || err != nil || n < 1 || n > maxInstances || strconv.Itoa(n) != number {
		return name
	}
	return base
}
