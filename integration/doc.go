// Package integration drives the gosv binary on the real kernel, and judges it
// by what /proc, the cgroup file system, its output and its log show. It has
// tests only. The services are testprocs (package testproc/live) or small programs
// that every Linux has.
//
// Every process that a test starts carries a mark in its environment; a test
// fails if one outlives it, or if a cgroup of gosv's does.
package integration
