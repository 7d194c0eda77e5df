package difftest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// lookAt looks at a file, directory or link of /proc/PID. What depends on the program
// is shown as "text".
func (s *Side) lookAt(o []string) string {
	p := s.process(o[0])
	if p == nil || p.gone {
		return idle
	}
	name := fmt.Sprintf("/proc/%d/%s", p.pid, o[1])
	switch {
	case o[1] == "fd":
		entries, err := s.k.ReadDir(name)
		standard := slices.DeleteFunc(sys.EntryNames(entries), func(name string) bool { return number(name) > 2 }) // before its exec it has gosv's
		return fmt.Sprintf("%v, %s", standard, errno(err))
	case o[1] == "task":
		entries, err := s.k.ReadDir(name)
		return fmt.Sprintf("its first thread is there: %v, %s", slices.Contains(entries, sys.DirEntry{Name: strconv.Itoa(p.pid), Dir: true}), errno(err))
	case o[1] == "exe" || o[1] == "cwd" || o[1] == "root" || strings.HasPrefix(o[1], "fd/"):
		_, err := s.k.Readlink(name)
		return errno(err)
	}
	text, err := s.k.ReadFile(name)
	switch {
	case err != nil:
		return errno(err)
	case o[1] == "environ" && string(text) == s.environ:
		return "gosv's"
	case o[1] == "environ":
		return fmt.Sprintf("%q", text)
	case o[1] == "status":
		return s.status(string(text))
	case len(text) == 0:
		return "empty"
	}
	return "text"
}

// status keeps those lines of /proc/PID/status that do not depend on the program.
func (s *Side) status(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		value = words(value)
		switch name {
		case "State":
			value = strings.Replace(value, "R (running)", "S (sleeping)", 1)
		case "Tgid", "Pid", "PPid", "NStgid", "NSpid":
			value = s.name(number(value))
		case "NSpgid":
			value = s.ofGosv(number(value), s.me.Group)
		case "VmRSS", "Umask", "VmSize":
			value = "there"
		case "FDSize":
			value = "any " + strconv.FormatBool(value != "0")
		case "ShdPnd", "SigBlk", "SigPnd":
		default:
			continue
		}
		kept = append(kept, name+" "+value)
	}
	if slices.Contains(kept, "State Z (zombie)") {
		// What killed one of several threads may still pend, and the runtime of a
		// testproc blocks every signal while it starts a thread: it may end in the midst.
		kept = slices.DeleteFunc(kept, func(line string) bool {
			return strings.HasPrefix(line, "ShdPnd") || strings.HasPrefix(line, "SigBlk")
		})
	}
	slices.Sort(kept)
	return strings.Join(kept, ", ")
}
