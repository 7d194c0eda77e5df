// Package integration tests the gosv binary on the real kernel, by what /proc, the
// cgroup file system, its output and its log show. It has tests only. The services are
// test processes (package testproc/live) or small programs that every Linux has.
//
// Every process that a test starts carries a mark in its environment. A test fails if
// one of them outlives it, or if a cgroup of gosv does.
package integration
