// Package vm tests gosv's limits on a kernel whose cgroup v2 hierarchy has the
// memory, cpu and pids controllers. It has tests only.
//
// make test-vm runs them in virtual machines with several kernels; go test runs them
// on the machine at hand as far as that has what they need. A test names the features
// that it needs: where one is missing the test is skipped with the reason, unless the
// environment promised it (GOSV_VM_PROMISES, names separated by commas): then it fails.
//
// gosv is the program that GOSV_BINARY names, or is built. Services are the test binary
// itself, started as an actor (actors_test.go), so that nothing but the kernel is
// needed in the virtual machine. Limits of time are generous, because an emulated
// machine is slow; tests wait for facts.
package vm
