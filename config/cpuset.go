package config

import "regexp"

// cpuList is a list of CPUs as in cpuset(7).
var cpuList = regexp.MustCompile(`^[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*$`)

func (l *loader) cpuset(v value, s *Service) {
	const wanted = `a list of CPUs such as "0", "0-3" or "0-3,8"`
	list, ok := l.str(v, wanted, scalarHint)
	if !ok {
		return
	}
	if !cpuList.MatchString(list) {
		l.mustBe(v, wanted, nil)
		return
	}
	s.Limits.CPUs = list
}
