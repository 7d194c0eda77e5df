package linux_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// onTerminal runs a part as the leader of a session on a terminal of its own,
// or on none. What it says goes to a pipe.
func onTerminal(t *testing.T, name string, hasOne bool) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), partVar+"="+name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if hasOne {
		master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
		require.NoError(t, err)
		defer master.Close()
		require.NoError(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
		n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
		require.NoError(t, err)
		tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
		require.NoError(t, err)
		defer tty.Close()
		// The terminal is no descriptor of the part but this one, which it does not use.
		cmd.ExtraFiles = []*os.File{tty}
		cmd.SysProcAttr.Setctty, cmd.SysProcAttr.Ctty = true, 3
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Run(), "%s", &out)
	return out.String()
}

func TestWithoutATerminalEverythingAnswersENOTTY(t *testing.T) {
	assert.Equal(t, "true true true\n", onTerminal(t, "no terminal", false))
}

func TestTheTerminalIsHandedOverAndTakenBack(t *testing.T) {
	assert.Equal(t, "gosv has it\nthe child has it\ngosv has it\nthe child stopped: STOP\nonce\n",
		onTerminal(t, "hand over", true))
}

func TestStopSelfReturnsAfterCONT(t *testing.T) {
	assert.Equal(t, "stopped by TSTP\ncontinued: true\n", onTerminal(t, "shell", true))
}

func TestAKeyThatStopsComesInTheInboxAndStopSelfStopsAllTheSame(t *testing.T) {
	assert.Equal(t, "came: TSTP\nstopped by TSTP\ncame: TSTP\n", onTerminal(t, "shell of a catcher", true))
}

// The leader of a session is an orphaned group: the kernel does not stop it.
func TestStopSelfReturnsWhereNobodyCouldContinueIt(t *testing.T) {
	assert.Equal(t, "continued: false\n", onTerminal(t, "job", true))
}

// Modes set from the background need SIGTTOU blocked; a terminal that is gone is EIO.
func TestModesAreSetFromTheBackground(t *testing.T) {
	assert.Equal(t, "no echo: true\necho: true\n", onTerminal(t, "modes", true))
}

func TestTheTerminalOfAnotherNamespaceIsGivenFromAGroupOfItsOwn(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a PID namespace needs root")
	}
	assert.Equal(t, "gosv has it\nthe child has it\ngosv has it\nits group is 1\n", onTerminal(t, "outside", true))
}

func init() {
	parts["modes"] = setModes
	parts["outside"] = func() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), partVar+"=inside")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
		check(cmd.Run())
	}
	parts["inside"] = inside
	parts["no terminal"] = func() {
		k, err := linux.New(linux.Options{})
		check(err)
		defer k.Shutdown(time.Second)
		_, _, err = k.Foreground()
		_, stopErr := k.StopSelf()
		fmt.Println(errors.Is(err, syscall.ENOTTY), errors.Is(k.SetForeground(0), syscall.ENOTTY), errors.Is(stopErr, syscall.ENOTTY))
	}
	parts["hand over"] = handOver
	parts["job"] = func() {
		k, err := linux.New(linux.Options{})
		check(err)
		defer k.Shutdown(time.Second)
		stopped, err := k.StopSelf()
		check(err)
		fmt.Println("continued:", stopped)
	}
	parts["catcher"] = func() {
		k, err := linux.New(linux.Options{Signals: []syscall.Signal{syscall.SIGTSTP}})
		check(err)
		defer k.Shutdown(time.Second)
		come := func() {
			check(unix.Kill(os.Getpid(), unix.SIGTSTP))
			k.Wait(k.Now() + 10*time.Second)
			for _, sig := range k.Signals() {
				fmt.Println("came:", signame.Name(sig))
			}
		}
		come()
		_, err = k.StopSelf()
		check(err)
		come()
	}
	parts["shell"] = func() { jobShell("job") }
	parts["shell of a catcher"] = func() { jobShell("catcher") }
}

// jobShell does what a shell does with a job.
func jobShell(job string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), partVar+"="+job)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	check(cmd.Start())
	var ws unix.WaitStatus
	_, err := unix.Wait4(cmd.Process.Pid, &ws, unix.WUNTRACED, nil)
	check(err)
	fmt.Println("stopped by", signame.Name(ws.StopSignal()))
	check(unix.Kill(-cmd.Process.Pid, unix.SIGCONT))
	check(cmd.Wait())
}

func handOver() {
	k, err := linux.New(linux.Options{})
	check(err)
	defer k.Shutdown(time.Second)
	var child sys.Child
	tell := func() {
		pgid, own, err := k.Foreground()
		check(err)
		switch {
		case own:
			fmt.Println("gosv has it")
		case pgid == child.Pid:
			fmt.Println("the child has it")
		default:
			fmt.Println("it belongs to", pgid)
		}
	}
	tell()
	k.Spawn(sys.SpawnRequest{ID: 1, Path: "sh", Args: []string{"-c", "kill -STOP $$"}})
	for child.Pid == 0 {
		k.Wait(k.Now() + 10*time.Millisecond)
		for _, r := range k.Spawned() {
			check(r.Err)
			child = r.Child
		}
	}
	check(k.SetForeground(child.Pid))
	tell()
	check(k.SetForeground(0)) // from the background: SIGTTOU would stop it
	tell()
	for {
		sig, stopped, err := k.Stopped(child.Handle)
		check(err)
		if stopped {
			fmt.Println("the child stopped:", signame.Name(sig))
			break
		}
		k.Wait(k.Now() + 10*time.Millisecond)
	}
	if _, again, _ := k.Stopped(child.Handle); !again {
		fmt.Println("once")
	}
	check(k.Signal(child.Handle, unix.SIGKILL))
}

func setModes() {
	k, err := linux.New(linux.Options{})
	check(err)
	defer k.Shutdown(time.Second)
	child := spawnSleep(k)
	check(k.SetForeground(child.Pid))
	before, err := k.Modes()
	check(err)
	raw := before
	raw.Lflag &^= unix.ECHO
	check(k.SetModes(raw))
	now, err := k.Modes()
	check(err)
	fmt.Println("no echo:", now.Lflag&unix.ECHO == 0)
	check(k.SetModes(before))
	now, err = k.Modes()
	check(err)
	fmt.Println("echo:", now.Lflag&unix.ECHO != 0)
	check(k.Signal(child.Handle, unix.SIGKILL))
}

// inside is a gosv whose process group has no number: it is of another PID namespace.
func inside() {
	k, err := linux.New(linux.Options{})
	check(err)
	defer k.Shutdown(time.Second)
	child := spawnSleep(k)
	tell := func() {
		pgid, own, err := k.Foreground()
		check(err)
		switch {
		case own:
			fmt.Println("gosv has it")
		case pgid == child.Pid:
			fmt.Println("the child has it")
		default:
			fmt.Println("it belongs to", pgid)
		}
	}
	tell()
	check(k.SetForeground(child.Pid))
	tell()
	check(k.SetForeground(0))
	tell()
	fmt.Println("its group is", unix.Getpgrp())
	check(k.Signal(child.Handle, unix.SIGKILL))
}

func spawnSleep(k *linux.Kernel) (child sys.Child) {
	k.Spawn(sys.SpawnRequest{ID: 1, Path: "sleep", Args: []string{"1000"}})
	for child.Pid == 0 {
		k.Wait(k.Now() + 10*time.Millisecond)
		for _, r := range k.Spawned() {
			check(r.Err)
			child = r.Child
		}
	}
	return child
}
