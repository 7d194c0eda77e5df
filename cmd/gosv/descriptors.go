package main

import (
	"fmt"
	"log/slog"

	"github.com/gosv/gosv/internal/english"
	"github.com/gosv/gosv/sys/linux"
)

// What descriptors are needed for.
const (
	ownFiles     = 24 // gosv's own, at most
	serviceFiles = 3  // stdout, stderr and the pidfd of a service that runs
	startFiles   = 6  // two pipes, the pidfd and the cgroup of one that is started
	passingFiles = 12 // what starts and looks into /proc open for a moment
)

// checkDescriptors says at the start if the services need more descriptors than
// there are. The error says that not even one of them could be started.
func checkDescriptors(services int, log *slog.Logger) error {
	most, err := linux.MaxDescriptors()
	if err != nil || most >= ownFiles+passingFiles+serviceFiles*services+1024 {
		return nil // even if gosv has inherited some
	}
	own := linux.OpenDescriptors(most)
	need := max(own, ownFiles) + passingFiles + serviceFiles*services
	switch {
	case most < own+startFiles:
		return fmt.Errorf("not one service could be started: %w", tooFewDescriptors(need, services, most))
	case most < need:
		log.Warn(tooFewDescriptors(need, services, most).Error() + ". Until then services wait for each other's")
	}
	return nil
}

func tooFewDescriptors(need, services, most int) error {
	return fmt.Errorf("%s may need %d descriptors in all, and gosv may have %d (the hard limit of ulimit -n, LimitNOFILE= of systemd): raise that",
		english.Count(services, "service"), need, most)
}

// explainSetUp adds to an error of the set-up how many descriptors gosv needs, if it
// is for lack of them.
func explainSetUp(err error, services int) error {
	most, failed := linux.MaxDescriptors()
	if failed != nil || most >= ownFiles+startFiles {
		return err
	}
	return fmt.Errorf("%w; %w", err, tooFewDescriptors(ownFiles+passingFiles+serviceFiles*services, services, most))
}
