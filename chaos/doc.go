// Package chaos plans faults for a supervisor and judges how the supervisor dealt
// with them.
//
// The package is pure. [Generate] makes a [Plan] from a seed. A [History] is
// everything that is known about a run: the services, the faults that were
// injected, what the supervisor reported, and what an independent observer saw.
// [Judge] turns a History into verdicts.
//
// The judge does not trust the supervisor. It compares each reported [Event] with
// the [ProcessRecord] of the observer, which identifies processes by pidfd and by a
// variable in their environment. It also computes restart counts and delays by
// itself, from the documented policy.
//
// Package chaos/live carries out a plan on a real machine, package chaos/report
// writes the result for people and CI systems, and package chaos/simplan turns a
// plan into a scenario of the simulator. The example judges another supervisor.
package chaos
