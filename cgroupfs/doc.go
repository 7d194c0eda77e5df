// Package cgroupfs gives services cgroups of their own, in cgroup v2 as
// Documentation/admin-guide/cgroup-v2.rst of the kernel describes it, over the
// role [sys.Files].
//
// [Probe] finds out what is possible here and makes
//
//	<gosv's own group>/gosv-<pid>/             the instance: has controllers, no process
//	<gosv's own group>/gosv-<pid>/supervisor   gosv itself
//	<gosv's own group>/gosv-<pid>/web.7        a leaf: generation 7 of the service web
//
// A leaf serves one generation of one service and is then removed. It is never
// used again: some kernels kill at birth what is spawned into a folder whose
// cgroup.kill was ever written.
//
// What is missing is not an error of the package but a [Finding], a sentence
// that says what to do. Whether a service may start without its limits is for
// the caller to decide.
//
// # Errors
//
// A group vanishes when somebody removes it: ENOENT at an open and ENODEV at a
// read both mean that ([IsGone]). EBUSY means members or folders in it ([IsBusy]).
package cgroupfs
