// Package cgroupfs gives services cgroups of their own, in cgroup v2 as
// Documentation/admin-guide/cgroup-v2.rst of the kernel describes it, over the
// role [sys.Files].
//
// [Probe] finds out what is possible here and makes
//
//	<gosv's own group>/gosv/             the instance: has controllers, no process
//	<gosv's own group>/gosv/supervisor   gosv itself
//	<gosv's own group>/gosv/web          the service web: has its limits, no process
//	<gosv's own group>/gosv/web/7        a leaf: generation 7 of web, its processes
//
// A leaf serves one generation of one service and is then removed. It is never
// used again: some kernels kill at birth what is spawned into a directory whose
// cgroup.kill was ever written. The service's directory stays until Close; it is
// never killed, and hands no controller down, so that its limits, its OOM killer
// and its figures are those of all that runs in the leaf.
//
// # Instances
//
// A gosv holds a lock (flock) on its instance as long as it lives. Where a living
// gosv has the name gosv, the next takes gosv-<pid>. An instance whose lock is
// free, or was taken by a process that has ended, belongs to a dead gosv: [FindStaleInstances]
// gives it, and [StaleInstance.Bury] kills what lives there and removes it. Only what such a name and such a shape have is ever
// touched.
//
// # Findings
//
// What is missing is not an error of the package but a [Finding], a sentence
// that says what to do. Whether a service may start without its limits is for
// the caller to decide.
//
// # Errors
//
// A group vanishes when somebody removes it: ENOENT at an open and ENODEV at a
// read both mean that ([IsGone]). EBUSY means members or directories in it ([IsBusy]).
package cgroupfs
