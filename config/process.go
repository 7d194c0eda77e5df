package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Process is in what the processes of a service differ from gosv's own.
type Process struct {
	User   string   // name or UID; "": gosv's own
	Group  string   // name or GID; "": that of User
	Groups []string // supplementary groups beside those that User is in, by name or GID

	Umask       *int // nil: gosv's own, as of those below
	Nice        *int
	OOMScoreAdj *int
	Rlimits     map[string]Rlimit // by the name of RlimitNames
	NoNewPrivs  bool
	ClearEnv    bool     // the environment has nothing of gosv's own
	EnvFiles    []string // as written; relative to the configuration's directory

	// Identity is what User, Group and Groups stand for on this machine. Load leaves it
	// nil, as it reads no file.
	Identity *Identity
}

// Identity is a user with its groups, as /etc/passwd and /etc/group have them.
type Identity struct {
	UID, GID          uint32
	Groups            []uint32 // supplementary groups
	Name, Home, Shell string   // "" for an ID that has no entry
	Own               bool     // it is what gosv runs as: nothing has to be changed
}

// Rlimit is a resource limit (setrlimit(2)).
type Rlimit struct{ Soft, Hard uint64 }

// NoRlimit is the value of an Rlimit that limits nothing.
const NoRlimit = ^uint64(0)

// RlimitNames are the resources in the order of their numbers (setrlimit(2)), by the
// names of prlimit(1).
var RlimitNames = []string{"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as",
	"locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"}

// IsZero reports whether nothing differs.
func (p Process) IsZero() bool {
	return p.User == "" && p.Group == "" && p.Groups == nil && p.Umask == nil && p.Nice == nil && p.OOMScoreAdj == nil &&
		p.Rlimits == nil && !p.NoNewPrivs && !p.ClearEnv && p.EnvFiles == nil && p.Identity == nil
}

func processKeys() []key[Service] {
	return []key[Service]{
		{name: "user", read: account("user", func(s *Service) *string { return &s.Process.User })},
		{name: "group", read: account("group", func(s *Service) *string { return &s.Process.Group })},
		{name: "supplementary_groups", read: (*loader).groups},
		{name: "umask", read: (*loader).umask},
		{name: "nice", read: optionalInteger(-20, 19, func(s *Service) **int { return &s.Process.Nice })},
		{name: "oom_score_adj", read: optionalInteger(-1000, 1000, func(s *Service) **int { return &s.Process.OOMScoreAdj })},
		{name: "rlimits", read: (*loader).rlimits},
		{name: "no_new_privs", read: boolean(func(s *Service) *bool { return &s.Process.NoNewPrivs })},
		{name: "clear_env", read: boolean(func(s *Service) *bool { return &s.Process.ClearEnv })},
		{name: "env_files", read: (*loader).envFiles},
	}
}

// accountMax is more than any name in /etc/passwd has.
const accountMax = 256

// account reads the name or ID of a user or group.
func account(what string, field func(*Service) *string) func(*loader, value, *Service) {
	return func(l *loader, v value, s *Service) {
		name, ok := l.kernelString(v, 1, accountMax)
		if ok && strings.ContainsAny(name, ":\n") {
			l.errorf(v.offset(), "%s must be the name or ID of a %s, without a colon or line break", v.title(), what)
		} else if ok {
			*field(s) = name
		}
	}
}

func (l *loader) groups(v value, s *Service) {
	if v.kind() != jsontext.KindBeginArray {
		l.mustBe(v, "an array of strings", argsHint)
		return
	}
	for i, element := range v.elements() {
		var one Service
		at := value{element, "supplementary_groups[" + strconv.Itoa(i) + "]", v.place}
		account("group", func(*Service) *string { return &one.Name })(l, at, &one)
		s.Process.Groups = append(s.Process.Groups, one.Name)
	}
}

// envFiles reads the paths of files with further variables.
func (l *loader) envFiles(v value, s *Service) {
	if v.kind() != jsontext.KindBeginArray {
		l.mustBe(v, "an array of strings", argsHint)
		return
	}
	for i, element := range v.elements() {
		at := value{element, "env_files[" + strconv.Itoa(i) + "]", v.place}
		if path, ok := l.kernelString(at, 1, pathMax); ok {
			l.warnOfShell(at, path)
			s.Process.EnvFiles = append(s.Process.EnvFiles, path)
		}
	}
}

// umask reads octal digits. A JSON number would be decimal.
func (l *loader) umask(v value, s *Service) {
	const wanted = `a string of octal digits from "0" to "0777", such as "022"`
	digits, ok := l.str(v, wanted, umaskHint)
	if !ok {
		return
	}
	mask, err := strconv.ParseUint(digits, 8, 32)
	if err != nil || mask > 0o777 || len(digits) > 4 {
		l.mustBe(v, wanted, nil)
		return
	}
	s.Process.Umask = new(int)
	*s.Process.Umask = int(mask)
}

func umaskHint(v value) string {
	if _, err := strconv.ParseUint(v.literal(), 8, 32); err == nil {
		return fmt.Sprintf(`; write "%s"`, v.literal())
	}
	return ""
}

// rlimits reads limits by the names of prlimit(1).
func (l *loader) rlimits(v value, s *Service) {
	if v.kind() != jsontext.KindBeginObject {
		l.mustBe(v, `an object such as {"nofile": "1024:4096"}`, nil)
		return
	}
	limits := map[string]Rlimit{}
	for key, content := range v.members() {
		name := key.written()
		if _, twice := limits[name]; twice {
			l.errorf(key.offset(), "duplicate limit %s of %s", quote(name), v.title())
		}
		limits[name] = l.rlimit(value{content, fmt.Sprintf(`limit %s of "rlimits"`, quote(name)), v.place})
		if !slices.Contains(RlimitNames, name) {
			l.errorf(key.offset(), "unknown limit %s of %s%s", quote(name), v.title(), rlimitHint(name))
		}
	}
	if len(limits) > 0 {
		s.Process.Rlimits = limits
	}
}

// rlimitHint knows RLIMIT_NOFILE and systemd's LimitNOFILE.
func rlimitHint(name string) string {
	lower := strings.ToLower(name)
	return didYouMean(strings.TrimPrefix(strings.TrimPrefix(lower, "rlimit_"), "limit"), RlimitNames)
}

func (l *loader) rlimit(v value) (limit Rlimit) {
	const wanted = `a limit such as 1024, "1024:4096" (soft:hard) or "unlimited"`
	if v.kind() != jsontext.KindString && v.kind() != jsontext.KindNumber {
		l.mustBe(v, wanted, nil)
		return limit
	}
	soft, hard, two := strings.Cut(v.written(), ":")
	if !two {
		hard = soft
	}
	var ok1, ok2 bool
	limit.Soft, ok1 = parseRlimit(soft)
	limit.Hard, ok2 = parseRlimit(hard)
	switch {
	case !ok1 || !ok2:
		l.mustBe(v, wanted, nil)
	case limit.Soft > limit.Hard:
		l.errorf(v.offset(), "%s: the soft limit (%s) must not be above the hard limit (%s)", v.title(), soft, hard)
	}
	return limit
}

func parseRlimit(text string) (uint64, bool) {
	if text == "unlimited" {
		return NoRlimit, true
	}
	n, err := strconv.ParseUint(text, 10, 63)
	return n, err == nil && len(text) <= 18 && strconv.FormatUint(n, 10) == text
}

func (r Rlimit) String() string {
	number := func(n uint64) string {
		if n == NoRlimit {
			return "unlimited"
		}
		return strconv.FormatUint(n, 10)
	}
	return number(r.Soft) + ":" + number(r.Hard)
}

// processText is a Process as it is written.
type processText struct {
	User        string            `json:"user,omitempty"`
	Group       string            `json:"group,omitempty"`
	Groups      []string          `json:"supplementary_groups,omitempty"`
	Umask       string            `json:"umask,omitempty"`
	Nice        *int              `json:"nice,omitempty"`
	OOMScoreAdj *int              `json:"oom_score_adj,omitempty"`
	Rlimits     map[string]string `json:"rlimits,omitempty"`
	NoNewPrivs  bool              `json:"no_new_privs,omitempty"`
	ClearEnv    bool              `json:"clear_env,omitempty"`
	EnvFiles    []string          `json:"env_files,omitempty"`
}

func processTextOf(p Process) processText {
	text := processText{User: p.User, Group: p.Group, Groups: p.Groups, Nice: p.Nice, OOMScoreAdj: p.OOMScoreAdj,
		NoNewPrivs: p.NoNewPrivs, ClearEnv: p.ClearEnv, EnvFiles: p.EnvFiles}
	if p.Umask != nil {
		text.Umask = fmt.Sprintf("%04o", *p.Umask)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Rlimits)) {
		if text.Rlimits == nil {
			text.Rlimits = map[string]string{}
		}
		text.Rlimits[name] = p.Rlimits[name].String()
	}
	return text
}
