package fakesys

import (
	"fmt"
	"strconv"
	"syscall"
)

// descriptorNames lists /proc/PID/fd. An exited thread has no descriptors.
func (k *Kernel) descriptorNames(p *process) []string {
	if p.bare() {
		return nil
	}
	names := []string{"0", "1", "2"}
	if p == k.self {
		for i, h := range k.handles {
			if h != nil {
				names = append(names, strconv.Itoa(i+firstHandle))
			}
		}
	}
	return names
}

// descriptorLink reads a link in /proc/PID/fd.
func (k *Kernel) descriptorLink(p *process, name string) (string, syscall.Errno) {
	fd, err := strconv.Atoi(name)
	if err != nil || fd < 0 {
		return "", syscall.ENOENT
	}
	if p.system {
		switch {
		case fd < firstHandle:
			return "/dev/console", 0
		case p == k.self && fd-firstHandle < len(k.handles) && k.handles[fd-firstHandle] != nil:
			return "anon_inode:[pidfd]", 0
		}
		return "", syscall.ENOENT
	}
	switch fd {
	case 0:
		return "/dev/null", 0
	case 1:
		return p.out.link(), 0
	case 2:
		return p.err.link(), 0
	}
	return "", syscall.ENOENT
}

// fdinfo is /proc/PID/fdinfo/N.
func (p *process) fdinfo(name string) (string, syscall.Errno) {
	if p.dead || p.system {
		return "", syscall.ENOENT
	}
	if fd, err := strconv.Atoi(name); err != nil || fd < 0 || fd > 2 {
		return "", syscall.ENOENT
	}
	return fmt.Sprintf("pos:\t0\nflags:\t0100001\nmnt_id:\t15\nino:\t%d\n", 1000+p.pid), 0
}
