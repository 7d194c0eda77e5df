package vm

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// actors are the programs that the tests run as services.
var actors = map[string]func(args []string){
	"sleep":  func([]string) { select {} },
	"eat":    func(args []string) { eat(args[0]); forever() },
	"spin":   func([]string) { spin() },
	"family": family,
	"fork":   fork,
	"exit":   func(args []string) { os.Exit(number(args[0])) },
}

// actIfRequested makes this process an actor if it was started as one.
func actIfRequested() {
	if len(os.Args) > 2 && os.Args[1] == "actor" {
		go func() { time.Sleep(time.Hour); os.Exit(9) }() // a select without goroutines is a deadlock for Go
		actors[os.Args[2]](os.Args[3:])
		os.Exit(0)
	}
}

func forever() { select {} }

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

var eaten []byte

// eat touches so many MiB of memory.
func eat(mebibytes string) {
	eaten = make([]byte, number(mebibytes)<<20)
	for i := 0; i < len(eaten); i += os.Getpagesize() {
		eaten[i] = 1
	}
	fmt.Println("ate", mebibytes)
}

func spin() {
	for n := 0; ; n++ {
		eaten = nil
	}
}

// family has two helpers, and one of it, "main" or "helper", eats too much.
func family(args []string) {
	who, mebibytes := args[0], args[1]
	startActor("sleep")
	if who == "helper" {
		startActor("eat", mebibytes)
		forever()
	}
	startActor("sleep")
	eat(mebibytes)
	forever()
}

// fork makes as many children as the kernel allows, up to a number, and prints how
// many. They are bare: what each thread of a Go program takes of the limit differs.
func fork(args []string) {
	var children []int
	for range number(args[0]) {
		pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
		if errno != 0 {
			break
		}
		if pid == 0 {
			for { // only system calls: the child has no Go runtime
				syscall.RawSyscall6(syscall.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
			}
		}
		children = append(children, int(pid))
	}
	for _, pid := range children[:min(8, len(children))] { // Go aborts a program that is refused a thread
		_ = syscall.Kill(pid, syscall.SIGKILL)
		_, _ = syscall.Wait4(pid, nil, 0, nil)
	}
	fmt.Println("forked", len(children))
	forever()
}

func startActor(args ...string) error {
	return exec.Command("/proc/self/exe", append([]string{"actor"}, args...)...).Start()
}
