// pause: the service that `make bench` has supervised. It says when its first
// instruction ran, then waits for TERM and exits with 0.
//
// The report is {slot, pid, CLOCK_MONOTONIC in ns}, 16 bytes written at once into
// the FIFO that BENCH_FIFO names; slot is the number in argv[1]. It uses no
// libc, so that what is measured is the supervisor and not a dynamic loader.

#ifndef __x86_64__
#error "bench/c/pause.c speaks to the kernel in x86-64 system calls only"
#endif

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

static long call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;
	__asm__ volatile("syscall" : "=a"(result)
		: "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
	return result;
}

static void leave(int code) { call(SYS_exit_group, code, 0, 0, 0); }

static void on_term(int sig) { (void)sig; leave(0); }

// The kernel's struct sigaction, which is not libc's. It wants a restorer on
// x86-64 although on_term never returns.
struct action { void (*handler)(int); unsigned long flags; void (*restorer)(void); unsigned long mask; };
#define RESTORER 0x04000000

static const char *fifo_path(char **env)
{
	for (; *env; env++) {
		const char *want = "BENCH_FIFO=", *have = *env;
		while (*want && *want == *have)
			want++, have++;
		if (!*want)
			return have;
	}
	return 0;
}

__attribute__((used)) void run(long *stack)
{
	struct timespec now;
	call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0);

	long argc = stack[0];
	char **argv = (char **)(stack + 1), **env = argv + argc + 1;
	struct action term = { on_term, RESTORER, 0, 0 };
	call(SYS_rt_sigaction, SIGTERM, (long)&term, 0, 8);

	struct { unsigned slot, pid; long ns; } report = { 0, 0, now.tv_sec * 1000000000L + now.tv_nsec };
	for (const char *digit = argc > 1 ? argv[1] : ""; *digit; digit++)
		report.slot = report.slot * 10 + (unsigned)(*digit - '0');
	report.pid = (unsigned)call(SYS_getpid, 0, 0, 0, 0);

	const char *path = fifo_path(env);
	long fd = path ? call(SYS_open, (long)path, O_WRONLY | O_CLOEXEC, 0, 0) : -1;
	if (fd < 0 || call(SYS_write, fd, (long)&report, sizeof report, 0) != sizeof report)
		leave(99);
	call(SYS_close, fd, 0, 0, 0);
	for (;;)
		call(SYS_pause, 0, 0, 0, 0);
}

// At the entry of a program the stack holds argc, argv and the environment.
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall run\n");
