// Command bareloop is limit.c in Go: one goroutine that starts, waits, starts
// anew, and on TERM stops. It shows what Go itself costs, so that the rest of a
// difference between gosv and the limit is gosv's own.
//
//	bareloop [-cgroups DIR] N PROGRAM
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
)

type service struct{ slot, generation int }

func main() {
	cgroups := flag.String("cgroups", "", "directory in which each instance gets one of its own")
	flag.Parse()
	n, err := strconv.Atoi(flag.Arg(0))
	if err != nil || flag.NArg() != 2 {
		log.Fatal("usage: bareloop [-cgroups DIR] N PROGRAM")
	}
	// A channel that is full drops signals, and a dropped SIGTERM is not made good.
	wakes, stop := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(wakes, syscall.SIGCHLD)
	signal.Notify(stop, syscall.SIGTERM)
	running := make(map[int]service, n)
	leaf := func(s service) string {
		return filepath.Join(*cgroups, fmt.Sprintf("%d.%d", s.slot, s.generation))
	}
	start := func(s service) {
		attr := &syscall.SysProcAttr{Setpgid: true}
		if *cgroups != "" {
			must(syscall.Mkdir(leaf(s), 0o755))
			attr.CgroupFD, err = syscall.Open(leaf(s), syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
			must(err)
			attr.UseCgroupFD = true
			defer syscall.Close(attr.CgroupFD)
		}
		program := flag.Arg(1)
		pid, err := syscall.ForkExec(program, []string{program, strconv.Itoa(s.slot)},
			&syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: attr})
		must(err)
		running[pid] = s
	}
	for slot := range n {
		start(service{slot: slot})
	}
	for stopping := false; len(running) > 0; {
		select {
		case <-wakes:
		case <-stop:
			stopping = true
			for pid := range running {
				must(syscall.Kill(pid, syscall.SIGTERM))
			}
		}
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
			ended := running[pid]
			delete(running, pid)
			if !stopping {
				start(service{ended.slot, ended.generation + 1})
			}
			for *cgroups != "" && syscall.Rmdir(leaf(ended)) == syscall.EBUSY {
			}
		}
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
