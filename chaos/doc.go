// Package chaos judges a supervisor from outside: it plans faults, is told what
// was done and what was seen, and says which promises were kept.
//
// It is pure: a [Plan] is made from a seed, a [History] is a value, and [Judge]
// is a function from one to verdicts. What touches the machine (starting the
// supervisor, watching its processes, sending faults) is package chaos/live; what
// people and CI systems read is package chaos/report.
//
// A supervisor does not vouch for itself: what it tells ([Told]) is compared with
// what an independent observer saw ([Life]), which knows processes by pidfd and by
// a mark in their environment. The example has another supervisor than gosv judged.
package chaos
