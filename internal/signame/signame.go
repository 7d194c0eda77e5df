// Package signame is the one table of signal names: TERM for SIGTERM, as in
// signal(7) and kill(1).
package signame

import (
	"strconv"
	"strings"
	"syscall"
)

// names has the signals 1 to 31 of Linux on x86, arm and most others.
var names = [...]string{1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE",
	9: "KILL", 10: "USR1", 11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 16: "STKFLT", 17: "CHLD",
	18: "CONT", 19: "STOP", 20: "TSTP", 21: "TTIN", 22: "TTOU", 23: "URG", 24: "XCPU", 25: "XFSZ", 26: "VTALRM",
	27: "PROF", 28: "WINCH", 29: "IO", 30: "PWR", 31: "SYS"}

// Name gives the name without SIG, or "SIG34" and the like for a real-time signal.
func Name(sig syscall.Signal) string {
	if sig > 0 && int(sig) < len(names) {
		return names[sig]
	}
	return "SIG" + strconv.Itoa(int(sig))
}

// Parse takes TERM and SIGTERM, in capitals.
func Parse(name string) (syscall.Signal, bool) {
	name = strings.TrimPrefix(name, "SIG")
	for i, n := range names {
		if n != "" && n == name {
			return syscall.Signal(i), true
		}
	}
	return 0, false
}

// All lists the names in the order of their numbers.
func All() []string { return append([]string(nil), names[1:]...) }
