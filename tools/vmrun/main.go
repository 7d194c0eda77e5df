package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// noResult is the exit status when the machine ended without one.
const noResult = 125

// machine is how a virtual machine is made.
type machine struct {
	arch    string // amd64 or arm64
	qemu    string
	kernel  string
	accel   string
	memory  int // MiB
	cpus    int
	limit   time.Duration
	params  string // more kernel parameters
	add     files  // guest/path=host/path
	diskMiB int
	asInit  bool   // the program itself is the first process
	init    string // vmrun for the guest's architecture
}

// files is a flag that may be repeated.
type files []string

func (f *files) String() string     { return strings.Join(*f, " ") }
func (f *files) Set(s string) error { *f = append(*f, s); return nil }

func main() {
	if os.Getpid() == 1 {
		guest()
		return
	}
	m := machine{}
	flag.StringVar(&m.arch, "arch", "amd64", "architecture of the guest: amd64 or arm64")
	flag.StringVar(&m.qemu, "qemu", "", "QEMU program (default qemu-system-x86_64 or qemu-system-aarch64)")
	flag.StringVar(&m.kernel, "kernel", "", "kernel image of the guest")
	flag.StringVar(&m.accel, "accel", "tcg,thread=multi", "QEMU accelerator")
	flag.IntVar(&m.memory, "mem", 1024, "MiB of guest memory")
	flag.IntVar(&m.cpus, "smp", 2, "guest CPUs")
	flag.DurationVar(&m.limit, "limit", 5*time.Minute, "the machine is killed after this time")
	flag.StringVar(&m.params, "append", "", "more kernel parameters")
	flag.IntVar(&m.diskMiB, "disk", 0, "MiB of an empty scratch disk, /dev/nvme0n1 (0: none)")
	flag.BoolVar(&m.asInit, "init", false, "the program is the first process of the machine, after the mounts")
	flag.StringVar(&m.init, "init-program", "", "vmrun for the guest's architecture (default: this program)")
	flag.Var(&m.add, "add", "a further file, guest/path=host/path; may be repeated")
	flag.Parse()
	if flag.NArg() == 0 || m.kernel == "" {
		fmt.Fprintln(os.Stderr, "usage: vmrun -kernel IMAGE [flags] PROGRAM [ARGS]; vmrun -help lists the flags")
		os.Exit(2)
	}
	status, err := m.run(flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "vmrun:", err)
	}
	os.Exit(status)
}
