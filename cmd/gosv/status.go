package main

import "fmt"

// exitStatus ends gosv with a status; whatever is to be said has been said.
type exitStatus int

// The statuses, as sysexits.h has them where it has them. With --run gosv ends
// with the status of its child instead.
const (
	statusFailed exitStatus = 1  // a service failed, or something could not be killed
	statusUsage  exitStatus = 2  // the command line is wrong
	statusOutput exitStatus = 74 // what was to be printed could not be (EX_IOERR)
	statusConfig exitStatus = 78 // the configuration is wrong (EX_CONFIG)
)

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }
