// Package difftest plays one sequence of operations on two kernels behind the seam,
// the real one and the fake, and compares what they answer and what becomes of
// every process, group and output.
//
// A sequence is text, one operation a line, with names instead of numbers: p1 is
// the first process that came to life, s1 the first start, a a directory.
//
//	mkdir a
//	spawn obedient in a
//	write a/cgroup.freeze 1
//	signal p1 TERM
//
// After every operation both worlds come to rest, and then all that can be seen of
// them must be the same ([Side.Step]). The fake goes first and says what is to be
// waited for, so that nothing sleeps for luck. Where Linux may answer in several
// ways, the fake is run again with other choices until it takes the branch that the
// kernel took; only if it has none, the two diverge.
package difftest
