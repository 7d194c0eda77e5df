package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// makeLeaves makes a directory for the cgroups of limit and bareloop below the
// harness's own cgroup. (gosv finds its own place.)
func makeLeaves() (dir string, err error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	mount, group, err := ownCgroup(string(mounts), string(own))
	if err != nil {
		return "", err
	}
	dir = filepath.Join(mount, group, fmt.Sprintf("gosv-bench-%d", os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", fmt.Errorf("no cgroup can be made here: %w", err)
	}
	return dir, nil
}

// ownCgroup finds the cgroup2 mount in /proc/self/mountinfo and the process's
// directory in it in /proc/self/cgroup.
func ownCgroup(mounts, own string) (mount, group string, err error) {
	for line := range strings.Lines(mounts) {
		place, kind, _ := strings.Cut(line, " - ")
		if strings.HasPrefix(kind, "cgroup2 ") {
			mount = strings.Fields(place)[4]
		}
	}
	for line := range strings.Lines(own) {
		if path, found := strings.CutPrefix(line, "0::"); found {
			group = strings.TrimSpace(path)
		}
	}
	if mount == "" || group == "" {
		return "", "", errors.New("this machine has no cgroup v2 mounted")
	}
	return mount, group, nil
}

// removeLeaves removes the directory and what a failed run left in it.
func removeLeaves(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if entry.IsDir() {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
	_ = os.Remove(dir)
}
