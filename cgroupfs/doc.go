// Package cgroupfs gives each service a cgroup of its own, with limits and figures,
// in cgroup v2 as the kernel's Documentation/admin-guide/cgroup-v2.rst describes it.
// It works on any [sys.Files]: the kernel, a fake, or a directory of files.
//
// [Probe] finds out what is possible here and makes
//
//	<gosv's own cgroup>/gosv/             the instance: it has controllers, no process
//	<gosv's own cgroup>/gosv/supervisor   gosv itself
//	<gosv's own cgroup>/gosv/web/         the service web: it has its limits, no process
//	<gosv's own cgroup>/gosv/web/7        a leaf: generation 7 of web, its processes
//
// A leaf serves one generation of one service and is then removed. It is never used
// again: some kernels kill whatever is spawned into a directory whose cgroup.kill was
// ever written. The service's directory stays until Close; it is never killed, and it
// hands no controller down, so its limits, its OOM killer and its figures cover
// everything that runs in the leaf.
//
// # Limits
//
// [Limits] has a typed value, with its unit, for each file that is written. [Tree.Create]
// sets them and returns those that are not in force as [Unset], with the reason.
// Whether a service may start without its limits is for the caller to decide.
//
// # Instances
//
// A gosv holds a lock (flock) on its instance as long as it runs. If the name gosv is
// taken, the next one uses gosv-PID. An instance whose lock is free, or whose lock was
// taken by a process that has ended, is stale: [FindStaleInstances] returns it, and
// [StaleInstance.Reclaim] kills what is left in it and removes it. Directories of any
// other name or shape are never touched.
//
// # Findings
//
// What is missing is not an error of the package but a [Finding], a sentence that says
// what to do.
//
// # Errors
//
// Errors name the file and wrap the errno. A cgroup can be removed at any moment:
// ENOENT at an open and ENODEV at a read both mean that ([IsGone]). EBUSY means
// members or directories in it ([IsBusy]).
package cgroupfs
