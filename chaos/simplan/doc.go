// Package simplan turns a plan of gosv chaos into a scenario of package sim: the same
// faults, at the same times, for services with the same policies, on the simulated Linux.
// A run there is deterministic, and every step of it is checked.
package simplan
