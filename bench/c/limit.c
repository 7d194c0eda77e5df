// limit: the least that a supervisor can do, as the limit that `make bench`
// holds gosv against. It starts N services, starts anew at once what dies, and
// on TERM stops them all. It keeps no log, no policy, no state but the pids.
//
//	limit [--cgroups DIR] N PROGRAM
//
// Service i is PROGRAM i, in a process group of its own. With --cgroups each
// service has a folder below DIR and each instance is born in a fresh folder of
// its own below that (clone3 with CLONE_INTO_CGROUP), which is removed when it has
// ended; the service's folder goes at the end. That is what gosv asks of the
// kernel, too.

#ifndef __x86_64__
#error "bench/c/limit.c makes clone3 itself, on x86-64 only"
#endif

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
static inline __attribute__((always_inline)) pid_t vfork_into(int cgroup)
{
	struct clone_args args = { .flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD };
	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = cgroup;
	}
	long result;
	__asm__ volatile("syscall" : "=a"(result)
		: "a"(SYS_clone3), "D"(&args), "S"(sizeof args) : "rcx", "r11", "memory");
	return result;
}

static void start(int slot)
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
	pid_t pid = vfork_into(cgroup);
	if (pid == 0) {
		setpgid(0, 0);
		execve(program, argv, environ);
		_exit(127);
	}
	if (pid < 0) {
		errno = -pid;
		fail("clone3");
	}
	s->pid = pid;
	if (cgroup >= 0)
		close(cgroup);
	if (stopping) // it came between the handler's look and here
		kill(pid, SIGTERM);
}

// Folders of instances that have ended. They are removed when nothing else is
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
	stopping = 1;
	for (int i = 0; i < count; i++)
		if (services[i].pid)
			kill(services[i].pid, SIGTERM);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "--cgroups")) {
		cgroups = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc != 3 || (count = atoi(argv[1])) < 1) {
		fprintf(stderr, "usage: limit [--cgroups DIR] N PROGRAM\n");
		return 2;
	}
	program = argv[2];
	services = calloc(count, sizeof *services);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term }, NULL);

	int live = 0;
	for (; live < count && !stopping; live++)
		start(live);
	while (live > 0) {
		pid_t pid = waitpid(-1, NULL, ended_count ? WNOHANG : 0);
		if (pid == 0) {
			remove_one();
			continue;
		}
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			fail("waitpid");
		int slot = slot_of(pid);
		if (cgroups)
			remove_later(slot, services[slot].generation);
		services[slot].pid = 0;
		if (stopping)
			live--;
		else
			start(slot);
	}
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
