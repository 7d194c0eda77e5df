package faultysup

import "github.com/gosv/gosv/sys"

// OpenInit opens PID 1 in place of every other process.
func OpenInit(k sys.Kernel) sys.Kernel { return openInit{k} }

type openInit struct{ sys.Kernel }

func (k openInit) OpenPid(int) (sys.Handle, error) { return k.Kernel.OpenPid(1) }

// LeakHandles never closes a handle.
func LeakHandles(k sys.Kernel) sys.Kernel { return leakHandles{k} }

type leakHandles struct{ sys.Kernel }

func (k leakHandles) Close(sys.Handle) {}

// LeakPidfds opens a pidfd, which stays open, whenever a handle is closed.
func LeakPidfds(k sys.Kernel) sys.Kernel { return leakPidfds{k} }

type leakPidfds struct{ sys.Kernel }

func (k leakPidfds) Close(h sys.Handle) { _, _ = k.OpenPid(k.Pid()); k.Kernel.Close(h) }

// LeakEverySecondHandle leaves every second handle open.
func LeakEverySecondHandle(k sys.Kernel) sys.Kernel { return &leakEverySecondHandle{Kernel: k} }

type leakEverySecondHandle struct {
	sys.Kernel
	closed int
}

func (k *leakEverySecondHandle) Close(h sys.Handle) {
	if k.closed++; k.closed%2 == 0 {
		return
	}
	k.Kernel.Close(h)
}
