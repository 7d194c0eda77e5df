package cgroupfs

import (
	"path"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gosv/gosv/internal/filestest"
)

const (
	mountPoint = "/sys/fs/cgroup"
	ownGroup   = mountPoint + "/gosv.service"
	gosv       = 100
)

// machine is a map of files that behaves like cgroup v2 as far as Probe sees it:
// new directories have files, controllers are handed down, and a group with members
// may not hand down.
type machine struct {
	*filestest.Map
	leafFiles map[string]string // further files of a directory that has the controllers
	asked     []string          // to remove, successfully or not
}

// Rmdir notes what it was asked for.
func (m *machine) Rmdir(name string) error {
	m.asked = append(m.asked, name)
	return m.Map.Rmdir(name)
}

// newMachine is a delegated group with gosv in it; have is what may be enabled.
func newMachine(have string) *machine {
	m := &machine{Map: filestest.NewMap(map[string]string{
		"/proc/100/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
		"/proc/100/cgroup":    "0::/gosv.service\n",
		"/proc/cgroups":       "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t0\t9\t1\nmemory\t0\t9\t1\npids\t0\t9\t1\n",
	})}
	m.Made, m.Wrote = m.made, m.wrote
	m.Dir(mountPoint)
	m.made(mountPoint)
	delete(m.Texts, mountPoint+"/cgroup.type") // the root has none
	m.Dir(ownGroup)
	m.made(ownGroup)
	m.Texts[ownGroup+"/cgroup.controllers"] = have + "\n"
	m.Texts[ownGroup+"/cgroup.procs"] = "100\n"
	m.Calls = nil
	return m
}

func (m *machine) made(dir string) {
	for name, text := range map[string]string{"cgroup.type": "domain\n", "cgroup.procs": "", "cgroup.subtree_control": "\n",
		"cgroup.events": "populated 0\nfrozen 0\n", "cgroup.kill": "", "cgroup.freeze": "0\n",
		"cgroup.controllers": ""} {
		m.Texts[dir+"/"+name] = text
	}
	for name, text := range m.leafFiles {
		m.Texts[dir+"/"+name] = text
	}
}

// WriteFile adds the kernel's answers to cgroup.subtree_control.
func (m *machine) WriteFile(name string, data []byte) error {
	if path.Base(name) == "cgroup.subtree_control" && m.Fail["write "+name] == nil {
		dir, controller := path.Dir(name), string(data[1:])
		available := m.Texts[path.Dir(dir)+"/cgroup.subtree_control"]
		if dir == ownGroup {
			available = m.Texts[dir+"/cgroup.controllers"]
		}
		switch {
		case !strings.Contains(available, controller):
			return syscall.ENOENT
		case data[0] == '+' && m.Texts[dir+"/cgroup.procs"] != "" && dir != mountPoint:
			return syscall.EBUSY
		}
	}
	return m.Map.WriteFile(name, data)
}

func (m *machine) wrote(name, text string) {
	switch path.Base(name) {
	case "cgroup.subtree_control":
		if text[0] == '+' {
			m.Texts[name] = strings.TrimPrefix(strings.TrimSpace(m.Texts[name])+" "+text[1:]+"\n", " ")
		} else {
			m.Texts[name] = strings.Replace(m.Texts[name], text[1:], "", 1)
		}
	case "cgroup.procs":
		for file, members := range m.Texts {
			if path.Base(file) == "cgroup.procs" {
				m.Texts[file] = strings.Replace(members, text+"\n", "", 1)
			}
		}
		m.Texts[name] += text + "\n"
	default:
		m.Texts[name] = text
	}
}

// process puts somebody else into gosv's own group.
func (m *machine) process(pid int, comm string) {
	number := strconv.Itoa(pid)
	m.Texts[ownGroup+"/cgroup.procs"] += number + "\n"
	m.Texts["/proc/"+number+"/stat"] = number + " (" + comm + ") S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 1 1\n"
}

// systemdRoot and systemdUser are a gosv that was started on such a machine.
var (
	systemdRoot = Options{Systemd: true, Command: []string{"gosv", "--config", "my services.json"}}
	systemdUser = Options{Systemd: true, UID: 1000, Command: []string{"gosv"}}
)

// probed is a Tree with every controller.
func probed(t *testing.T, m *machine) *Tree {
	t.Helper()
	tree, findings := Probe(m, gosv, Options{})
	if tree == nil || len(findings) > 0 {
		t.Fatalf("the stub machine lacks something: %v", findings)
	}
	m.Calls = nil
	return tree
}
