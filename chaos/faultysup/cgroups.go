package faultysup

import (
	"fmt"
	"path"
	"strings"

	"github.com/gosv/gosv/sys"
)

// ReportEmptyCgroups reports every cgroup as empty.
func ReportEmptyCgroups(k sys.Kernel) sys.Kernel { return reportEmptyCgroups{k} }

type reportEmptyCgroups struct{ sys.Kernel }

func (k reportEmptyCgroups) ReadFile(name string) ([]byte, error) {
	if strings.HasSuffix(name, "/cgroup.events") {
		return []byte("populated 0\nfrozen 0\n"), nil
	}
	return k.Kernel.ReadFile(name)
}

// KeepCgroups never removes a cgroup.
func KeepCgroups(k sys.Kernel) sys.Kernel { return keepCgroups{k} }

type keepCgroups struct{ sys.Kernel }

func (k keepCgroups) Rmdir(string) error { return nil }

// FreezeParentCgroup freezes the cgroup that the supervisor was started in.
func FreezeParentCgroup(k sys.Kernel) sys.Kernel { return freezeParentCgroup{k} }

type freezeParentCgroup struct{ sys.Kernel }

func (k freezeParentCgroup) WriteFile(name string, data []byte) error {
	if path.Base(name) == "cgroup.freeze" {
		name = name[:strings.Index(name, "/gosv/")] + "/cgroup.freeze"
	}
	return k.Kernel.WriteFile(name, data)
}

// ReportOriginalCgroup reports every process as a member of /gosv/web/1, where the first
// instance of the service "web" was spawned.
func ReportOriginalCgroup(k sys.Kernel) sys.Kernel { return reportOriginalCgroup{k} }

type reportOriginalCgroup struct{ sys.Kernel }

func (k reportOriginalCgroup) ReadFile(name string) ([]byte, error) {
	text, err := k.Kernel.ReadFile(name)
	if err == nil && strings.HasSuffix(name, "/cgroup") && !strings.HasPrefix(name, fmt.Sprintf("/proc/%d/", k.Pid())) {
		return []byte("0::/gosv/web/1\n"), nil
	}
	return text, err
}
