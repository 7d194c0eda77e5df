package vm

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// features says why this machine lacks what a test needs; "" if it has it.
var features = map[string]func() string{
	"root":        func() string { return unless(os.Getuid() == 0, "not root") },
	"memory":      func() string { return controller("memory") },
	"cpu":         func() string { return controller("cpu") },
	"pids":        func() string { return controller("pids") },
	"io":          func() string { return controller("io") },
	"oom.group":   func() string { return file("memory.oom.group", "memory") },
	"cpuset":      func() string { return kernelAtLeast(5, 15) }, // 5.10 does not apply it to a child of CLONE_INTO_CGROUP
	"cgroup.kill": func() string { return kernelAtLeast(5, 14) },
	"one-cpu":     func() string { return unless(runtime.NumCPU() == 1, "more than one CPU") },
	"alone": func() string {
		return unless(os.Getenv("GOSV_VM") != "", "other gosv processes may run here; only in a virtual machine")
	},
}

// needs skips the test where this machine lacks a feature, and fails it where the
// environment promised that feature.
func needs(t *testing.T, names ...string) {
	t.Helper()
	promised := strings.Split(os.Getenv("GOSV_VM_PROMISES"), ",")
	for _, name := range names {
		why := features[name]()
		switch {
		case why == "":
		case slices.Contains(promised, name):
			t.Fatalf("this environment promised %q, and: %s", name, why)
		default:
			t.Skipf("needs %s: %s", name, why)
		}
	}
}

func unless(ok bool, why string) string {
	if ok {
		return ""
	}
	return why
}

// root is where the cgroup v2 hierarchy is mounted; "" if it is not (proc_pid_mountinfo(5)).
func root() string {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		mount, source, _ := strings.Cut(line, " - ")
		if strings.HasPrefix(source, "cgroup2 ") {
			return strings.Fields(mount)[4]
		}
	}
	return ""
}

func controller(name string) string {
	if os.Getuid() != 0 {
		return "not root"
	}
	top := root()
	text, err := os.ReadFile(filepath.Join(top, "cgroup.controllers"))
	if top == "" || err != nil {
		return "no cgroup v2 hierarchy is mounted"
	}
	return unless(slices.Contains(strings.Fields(string(text)), name), "cgroup v2 has no "+name+" controller here")
}

// file says whether a file of a controller exists in cgroups other than the root.
func file(name, of string) string {
	if why := controller(of); why != "" {
		return why
	}
	return kernelAtLeast(4, 19)
}

func kernelAtLeast(major, minor int) string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return err.Error()
	}
	release := unix.ByteSliceToString(name.Release[:])
	parts := strings.FieldsFunc(release, func(r rune) bool { return r < '0' || r > '9' })
	gotMajor, gotMinor := number(parts[0]), number(parts[1])
	return unless(gotMajor > major || gotMajor == major && gotMinor >= minor, "the kernel is "+release)
}
