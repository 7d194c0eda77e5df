package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys/linux"
)

// cgroupFindings says which limits of a file could not be set here and now, in the words
// of a gosv that runs it. It finds out as that does: by trying.
func cgroupFindings(name string, file config.File) (found []finding) {
	limited := slices.ContainsFunc(file.Services, func(svc config.Service) bool { return svc.Limits.Any() })
	required := file.Cgroup == config.CgroupRequire
	if file.Cgroup == config.CgroupOff || !limited && !required {
		return nil // that limits have no effect then was reported with its place in the file
	}
	possible, missing, err := tryCgroups(supervisor.Controllers(file.Services), os.Args[0], "--config", name)
	switch {
	case err != nil:
		return []finding{{config.Warning, fmt.Sprintf("cannot find out whether limits can be set: %v", err)}}
	case !possible && required:
		return []finding{{config.Error, fmt.Sprintf("nothing can be started (\"cgroup\": \"require\"): %v", missing[0])}}
	}
	for _, text := range supervisor.UnenforceableLimits(missing, file.Services) {
		if required {
			found = append(found, finding{config.Error, "these services cannot be started (\"cgroup\": \"require\"): " + text})
		} else {
			found = append(found, finding{config.Warning, text})
		}
	}
	return found
}

// closeBound is how long tryCgroups gives the kernel to let go of what it made.
const closeBound = time.Second

// tryCgroups makes what a gosv started by that command would make, and undoes it.
func tryCgroups(controllers []cgroupfs.Controller, command ...string) (possible bool, missing cgroupfs.Findings, err error) {
	kernel, err := linux.New(linux.Options{})
	if err != nil {
		return false, nil, err
	}
	defer kernel.Shutdown(0)
	h := host(kernel)
	tree, missing := cgroupfs.Probe(kernel, kernel.Pid(), cgroupfs.Options{Systemd: h.Systemd, UID: h.UID, Command: command, ProcErr: h.Blind, Controllers: controllers})
	if tree == nil {
		return false, missing, nil
	}
	for until := time.Now().Add(closeBound); tree.Close() != nil && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	return true, missing, nil
}
