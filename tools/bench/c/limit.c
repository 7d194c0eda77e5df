// limit: the least that a supervisor can do, as the limit that `make bench`
// holds gosv against. It starts N services, starts anew at once what dies, and
// on TERM stops them all. It keeps no log, no policy, no state but the pids.
//
//	limit [--held] [--cgroups DIR] N PROGRAM
//
// Service i is PROGRAM i, in a process group of its own. With --cgroups each
// service has a directory below DIR and each instance is born in a fresh directory of
// its own below that (clone3 with CLONE_INTO_CGROUP), which is removed when it has
// ended; the service's directory goes at the end. That is what gosv asks of the
// kernel, too.
//
// With --held it does what else gosv's promises cost in the kernel: each service is
// held and reaped by a pidfd, and its output comes through two pipes, which are read
// to their end. What is left of a ratio then is gosv's own.

#ifndef __x86_64__
#error "bench/c/limit.c makes clone3 itself, on x86-64 only"
#endif

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct service {
	pid_t pid; // 0 when it does not run
	unsigned generation;
};

static struct service *services;
static int count;
static const char *program, *cgroups;
static volatile sig_atomic_t stopping;
static int epoll = -1; // with --held
static int pipes;      // that have not come to their end

static void fail(const char *what)
{
	fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void leaf(char *path, size_t size, int slot, unsigned generation)
{
	snprintf(path, size, "%s/%d/%u", cgroups, slot, generation);
}

static void service_folder(char *path, size_t size, int slot)
{
	snprintf(path, size, "%s/%d", cgroups, slot);
}

// vfork_into is what posix_spawn asks of the kernel: a child that borrows the
// memory of its parent until it executes; in the cgroup if there is one. The
// system call stands in line because a function that returned in the child
// would leave its parent a spoilt stack (-mno-red-zone for the same reason).
static inline __attribute__((always_inline)) pid_t vfork_into(int cgroup, int *pidfd)
{
	struct clone_args args = { .flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD };
	if (pidfd) {
		args.flags |= CLONE_PIDFD | CLONE_FILES;
		args.pidfd = (uintptr_t)pidfd;
	}
	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = cgroup;
	}
	long result;
	__asm__ volatile("syscall" : "=a"(result)
		: "a"(SYS_clone3), "D"(&args), "S"(sizeof args) : "rcx", "r11", "memory");
	return result;
}

// What epoll tells of: the pidfd of a slot, or a pipe.
enum { PIPE = -1 };

static void watch(int fd, int slot)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = (uint64_t)(uint32_t)slot << 32 | (uint32_t)fd };
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		fail("epoll_ctl");
}

// With --held the ends of the pipes that a child writes to stand here, below all
// other descriptors: so it can leave the table of its parent with a copy of a few,
// where a fork copies thousands (close_range(2), CLOSE_RANGE_UNSHARE).
enum { OUT = 3, ERR = 4, OTHERS = 5 };

// pipe_at makes a pipe and gives the end to read from.
static int pipe_at(int slot)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0 || dup3(ends[1], slot, O_CLOEXEC) < 0)
		fail("pipe2");
	close(ends[1]);
	return ends[0];
}

// vacate closes the ends that a child has by now; the places stay taken.
static void vacate(void)
{
	if (dup3(0, OUT, O_CLOEXEC) < 0 || dup3(0, ERR, O_CLOEXEC) < 0)
		fail("dup3");
}

// become is the child, which has the stack of its parent below what start holds
// there: so both are functions of their own.
static __attribute__((noinline, noreturn)) void become(char **argv)
{
	setpgid(0, 0);
	if (epoll >= 0) {
		close_range(OTHERS, ~0U, CLOSE_RANGE_UNSHARE);
		dup2(OUT, 1);
		dup2(ERR, 2);
	}
	execve(program, argv, environ);
	_exit(127);
}

static __attribute__((noinline)) void start(int slot)
{
	struct service *s = &services[slot];
	char path[512], number[16];
	char *argv[] = { (char *)program, number, NULL };
	int cgroup = -1;

	snprintf(number, sizeof number, "%d", slot);
	if (cgroups) {
		if (s->generation == 0) {
			service_folder(path, sizeof path, slot);
			if (mkdir(path, 0755) < 0)
				fail(path);
		}
		leaf(path, sizeof path, slot, ++s->generation);
		if (mkdir(path, 0755) < 0 || (cgroup = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
			fail(path);
	}
	int held = epoll >= 0, pidfd = -1, out = -1, err = -1;
	if (held) {
		out = pipe_at(OUT);
		err = pipe_at(ERR);
	}
	pid_t pid = vfork_into(cgroup, held ? &pidfd : NULL);
	if (pid == 0)
		become(argv);
	if (pid < 0) {
		errno = -pid;
		fail("clone3");
	}
	s->pid = pid;
	if (cgroup >= 0)
		close(cgroup);
	if (held) {
		vacate();
		watch(out, PIPE);
		watch(err, PIPE);
		watch(pidfd, slot);
		pipes += 2;
	}
	if (stopping) // it came between the handler's look and here
		kill(pid, SIGTERM);
}

// Directories of instances that have ended. They are removed when nothing else is
// to be done, so that no restart waits for it.
static struct leaf { int slot; unsigned generation; } *ended;
static int ended_count, ended_room;

static void remove_later(int slot, unsigned generation)
{
	if (ended_count == ended_room) {
		ended_room = 2 * ended_room + 64;
		ended = realloc(ended, ended_room * sizeof *ended);
	}
	ended[ended_count++] = (struct leaf){ slot, generation };
}

static void remove_one(void)
{
	char path[512];
	struct leaf *last = &ended[ended_count - 1];
	leaf(path, sizeof path, last->slot, last->generation);
	if (rmdir(path) == 0)
		ended_count--;
	else if (errno == EBUSY) // the kernel may need a moment after the wait
		usleep(100);
	else
		fail(path);
}

static int slot_of(pid_t pid)
{
	for (int i = 0; i < count; i++)
		if (services[i].pid == pid)
			return i;
	fprintf(stderr, "limit: %d is no child of mine\n", pid);
	exit(1);
}

static void on_term(int sig)
{
	(void)sig;
	int interrupted = errno;
	stopping = 1;
	for (int i = 0; i < count; i++)
		if (services[i].pid)
			kill(services[i].pid, SIGTERM);
	errno = interrupted;
}

static void ended_slot(int slot, int *live)
{
	if (cgroups)
		remove_later(slot, services[slot].generation);
	services[slot].pid = 0;
	if (stopping)
		--*live;
	else
		start(slot);
}

// await_any reaps whoever ended, and tells whether anything came; it waits for it
// if there is nothing else to do.
static int await_any(int *live)
{
	pid_t pid = waitpid(-1, NULL, ended_count ? WNOHANG : 0);
	if (pid < 0 && errno != EINTR)
		fail("waitpid");
	if (pid > 0)
		ended_slot(slot_of(pid), live);
	return pid != 0;
}

// await_held is await_any by pidfd.
static int await_held(int *live)
{
	struct epoll_event events[128];
	int n = epoll_wait(epoll, events, 128, ended_count ? 0 : -1);
	if (n < 0 && errno != EINTR)
		fail("epoll_wait");
	for (int i = 0; i < n; i++) {
		int fd = (int)(uint32_t)events[i].data.u64, slot = (int)(events[i].data.u64 >> 32);
		char text[4096];
		if (slot == PIPE) {
			if (read(fd, text, sizeof text) <= 0) {
				close(fd);
				pipes--;
			}
			continue;
		}
		if (waitid(P_PIDFD, fd, NULL, WEXITED) < 0)
			fail("waitid");
		close(fd);
		ended_slot(slot, live);
	}
	return n != 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--held")) {
		vacate();
		if ((epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
			fail("epoll_create1");
		argv++;
		argc--;
	}
	if (argc == 5 && !strcmp(argv[1], "--cgroups")) {
		cgroups = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc != 3 || (count = atoi(argv[1])) < 1) {
		fprintf(stderr, "usage: limit [--held] [--cgroups DIR] N PROGRAM\n");
		return 2;
	}
	program = argv[2];
	services = calloc(count, sizeof *services);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);
	// Three descriptors for each, and as many for those that have just ended.
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);

	int live = 0;
	for (; live < count && !stopping; live++)
		start(live);
	while (live > 0 || pipes > 0)
		if (!(epoll >= 0 ? await_held : await_any)(&live))
			remove_one();
	while (ended_count)
		remove_one();
	for (int i = 0; cgroups && i < count; i++) {
		char path[512];
		service_folder(path, sizeof path, i);
		if (services[i].generation && rmdir(path) < 0)
			fail(path);
	}
	return 0;
}
