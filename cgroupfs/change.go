package cgroupfs

import "strings"

// SetLimits changes the limits of a service that may be running, from those before to
// those after. It reports each limit that is not in force, like Create. The kernel may
// take its time: reclaiming memory is part of the write. A service that has no cgroup
// yet gets its limits from Create.
func (t *Tree) SetLimits(service string, before, after Limits) (unset []Unset) {
	dir := servicePath(t.LeafPath(service, 0))
	if _, err := t.files.ReadFile(t.EventsPath(dir)); IsGone(err) {
		return nil
	}
	kept := map[string]bool{}
	for _, s := range after.Settings() {
		kept[s.key()] = true
	}
	for _, s := range before.Settings() {
		if kept[s.key()] || !t.Has(s.Controller) {
			continue
		}
		s.Value = s.unlimited()
		if err := t.set(dir, s); err != nil {
			unset = append(unset, *err)
		}
	}
	return append(unset, t.limit(dir, after)...)
}

// key is what a setting is about: its file, and in io.max the device.
func (s Setting) key() string {
	if s.File != "io.max" {
		return s.File
	}
	device, _, _ := strings.Cut(s.Value, " ")
	return s.File + " " + device
}

// unlimited is the value that takes a setting back.
func (s Setting) unlimited() string {
	switch s.File {
	case "cpu.weight":
		return "100"
	case "io.weight":
		return "default 100"
	case "cpuset.cpus", "cpuset.mems":
		return "\n" // as the parent has them
	case "io.max":
		device, _, _ := strings.Cut(s.Value, " ")
		return device + " rbps=max wbps=max riops=max wiops=max"
	}
	return "max"
}
