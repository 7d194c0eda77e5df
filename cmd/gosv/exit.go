package main

import (
	"fmt"
	"syscall"

	"github.com/gosv/gosv/internal/signame"
)

// exitStatus is an error that ends gosv with a status and no further message.
type exitStatus int

// The exit statuses, those of sysexits.h where it has one. With run, gosv ends with
// the status of its command instead.
const (
	statusFailed     exitStatus = 1  // a service failed, or something could not be killed
	statusUsage      exitStatus = 2  // the command line is wrong
	statusNotRunning exitStatus = 3  // a service that was named does not run
	statusNoService  exitStatus = 4  // there is no service of that name
	statusTimeout    exitStatus = 5  // it did not happen in time
	statusNoGosv     exitStatus = 7  // no gosv listens on the socket
	statusOutput     exitStatus = 74 // the output could not be written (EX_IOERR)
	statusConfig     exitStatus = 78 // the configuration is wrong (EX_CONFIG)
)

// deathBySignal is an error that ends gosv by a signal: that of the key by which a person
// ended the command of run.
type deathBySignal syscall.Signal

func (d deathBySignal) Error() string { return "SIG" + signame.Name(syscall.Signal(d)) }

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }
