// Package backend implements control.Backend on the real supervisor.
//
// [Board] observes the supervisor's loop: it numbers every change of a service
// as an event and keeps the last exits. Readers take what the supervisor has
// published; only the ring of events has a mutex, which is held for an instant.
package backend
