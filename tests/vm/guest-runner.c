// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: Copyright the libscx authors
/*
 * Runs the real-kernel tests inside the guest, one after the other in one boot, so that the wreck of
 * one hides no other's result. Knows Linux alone, not libscx: what it watches must not be able to
 * break it. It runs under SCHED_FIFO, which no sched_ext scheduler governs.
 *
 * Each test gets a session, a cgroup and a time of its own. After it the machine must be as before:
 * no process of the test, no scheduler attached, all CPUs online; what is not is put right and makes
 * the test fail. To run-tests on the host it speaks lines of the form "@@begin N", "@@end N RESULT
 * REASON"; what tests print gets "| " in front, so that it cannot be taken for one of these.
 *
 * A plan's line is "N<tab>SECONDS<tab>PROGRAM[<tab>ARGUMENT]...".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CGROUP_ROOT "/sys/fs/cgroup"
#define SCX_STATE "/sys/kernel/sched_ext/state"
#define CPUS_ONLINE "/sys/devices/system/cpu/online"
#define ARGS_MAX 64
#define LINE_MAX_BYTES 4096
#define POLL_MS 20
/* Time for what a test's end sets off: exiting processes, a scheduler that its owner's death ends. */
#define SETTLE_MS 8000
#define SKIP_STATUS 77

struct test {
	unsigned number;
	unsigned timeout_s;
	char *argv[ARGS_MAX + 1];
	char cgroup[64];
};

/* What a test printed: whole lines go out at once, the last one is the reason of a skip. */
struct output {
	char line[LINE_MAX_BYTES];
	size_t length;
	char last[256];
};

static char cpus_online[128];

static long now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

static void pause_ms(long ms)
{
	(void)poll(NULL, 0, (int)ms);
}

/* Reads the first line of a small file; an absent file reads as empty. */
static void read_line(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool __attribute__((format(printf, 3, 4))) write_at(const char *folder, const char *name,
							   const char *format, ...)
{
	char path[PATH_MAX], text[64];
	va_list args;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return write_text(path, text);
}

static void print_line(struct output *out)
{
	out->line[out->length] = '\0';
	if (out->length)
		(void)snprintf(out->last, sizeof(out->last), "%.255s", out->line);
	printf("| %s\n", out->line);
	(void)fflush(stdout);
	out->length = 0;
}

/* Passes on what the test printed; returns false when nobody can print any more. */
static bool pass_output(int fd, struct output *out)
{
	char data[LINE_MAX_BYTES];
	ssize_t got = read(fd, data, sizeof(data));

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	for (ssize_t i = 0; i < got; i++) {
		if (data[i] != '\n')
			out->line[out->length++] = data[i];
		if (data[i] == '\n' || out->length == sizeof(out->line) - 1)
			print_line(out);
	}
	return got > 0;
}

/* The test's cgroup has a child, main, for its processes, so that tests may add siblings to it: a
 * cgroup with processes of its own cannot have children with controllers. */
static bool make_cgroup(struct test *test, char *main_cgroup, size_t size)
{
	(void)snprintf(test->cgroup, sizeof(test->cgroup), CGROUP_ROOT "/test-%u", test->number);
	(void)snprintf(main_cgroup, size, "%s/main", test->cgroup);
	return mkdir(test->cgroup, 0755) == 0 &&
	       write_at(test->cgroup, "cgroup.subtree_control", "+cpu") &&
	       mkdir(main_cgroup, 0755) == 0;
}

static void remove_cgroup(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char child[PATH_MAX];

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		(void)snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		remove_cgroup(child); /* as deep as the tests made it; they are ours */
	}
	closedir(dir);
	(void)rmdir(path);
}

static bool populated(const struct test *test)
{
	char path[PATH_MAX], text[64];

	(void)snprintf(path, sizeof(path), "%s/cgroup.events", test->cgroup);
	read_line(path, text, sizeof(text));
	return strcmp(text, "populated 1") == 0;
}

static void reap_orphans(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static bool wait_empty(const struct test *test, long ms)
{
	for (long end = now_ms() + ms; populated(test); pause_ms(POLL_MS)) {
		reap_orphans();
		if (now_ms() > end)
			return false;
	}
	return true;
}

static bool wait_no_scheduler(long ms)
{
	char state[32];

	for (long end = now_ms() + ms;; pause_ms(POLL_MS)) {
		read_line(SCX_STATE, state, sizeof(state));
		if (state[0] == '\0' || strcmp(state, "disabled") == 0)
			return true;
		if (now_ms() > end)
			return false;
	}
}

static void become_test(const struct test *test, const char *main_cgroup, int output)
{
	static const struct sched_param normal;
	int null = open("/dev/null", O_RDONLY);

	(void)setsid();
	if (!write_at(main_cgroup, "cgroup.procs", "0") ||
	    sched_setscheduler(0, SCHED_OTHER, &normal)) {
		dprintf(output, "the test's surroundings: %s\n", strerror(errno));
		_exit(126);
	}
	(void)setenv("SCX_TEST_CGROUP", test->cgroup, 1);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	(void)dup2(output, STDERR_FILENO);
	execv(test->argv[0], test->argv);
	dprintf(output, "%s: %s\n", test->argv[0], strerror(errno));
	_exit(127);
}

/* Waits for the test's first process; -1 when time ran out, else its wait status. */
static int wait_test(const struct test *test, pid_t pid, int fd, struct output *out)
{
	long end = now_ms() + test->timeout_s * 1000L, left;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd fds[2] = { { .fd = pidfd, .events = POLLIN },
				 { .fd = fd, .events = POLLIN } };
	int status = -1;

	while ((left = end - now_ms()) > 0) {
		(void)poll(fds, 2, (int)left);
		if (fds[1].revents && !pass_output(fd, out))
			fds[1].fd = -1;
		if (fds[0].revents) {
			(void)waitpid(pid, &status, 0);
			break;
		}
	}
	close(pidfd);
	return status;
}

/* The names of what is left running, for the reason. */
static void name_processes(const struct test *test, char *text, size_t size)
{
	static const char *const below[] = { "main", "." };
	char path[PATH_MAX], name[64];
	size_t length = 0;
	int pid;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s/cgroup.procs", test->cgroup, below[i]);
		FILE *file = fopen(path, "re");

		while (file && fscanf(file, "%d", &pid) == 1 && length < size - 80) {
			(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
			read_line(path, name, sizeof(name));
			length += (size_t)snprintf(text + length, size - length, " %s[%d]", name,
						   pid);
		}
		if (file)
			fclose(file);
	}
}

/* Removes what is pinned in the BPF file system, which starts empty but for two files of its own. */
static bool unpin_all(const char *path, char *reason, size_t size)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char child[PATH_MAX];
	bool clean = true;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strstr(entry->d_name, ".debug"))
			continue;
		(void)snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		if (clean)
			(void)snprintf(reason, size, "left %.200s pinned", child);
		clean = false;
		if (unlink(child) && errno == EISDIR) {
			(void)unpin_all(child, reason, size);
			(void)rmdir(child);
		}
	}
	if (dir)
		closedir(dir);
	return clean;
}

/* Puts the machine right after a test; false with the reason when there was something to put. */
static bool clean_up(const struct test *test, char *reason, size_t size)
{
	char names[512], state[32], online[128];
	bool clean = true;

	if (!wait_empty(test, SETTLE_MS)) {
		name_processes(test, names, sizeof(names));
		(void)snprintf(reason, size, "left processes behind:%s", names);
		(void)write_at(test->cgroup, "cgroup.kill", "1");
		(void)wait_empty(test, SETTLE_MS);
		clean = false;
	}
	if (!wait_no_scheduler(SETTLE_MS)) {
		read_line("/sys/kernel/sched_ext/root/ops", names, sizeof(names));
		read_line(SCX_STATE, state, sizeof(state));
		(void)snprintf(reason, size, "left the scheduler '%s' %s", names, state);
		(void)write_text("/proc/sysrq-trigger", "S");
		clean = false;
		if (!wait_no_scheduler(SETTLE_MS)) {
			/* Nothing that follows could be trusted: the host boots anew. */
			printf("@@end %u fail %s, and sysrq-S did not end it\n@@stop\n",
			       test->number, reason);
			exit(1);
		}
	}
	if (!unpin_all("/sys/fs/bpf", clean ? reason : names, clean ? size : sizeof(names)))
		clean = false;
	read_line(CPUS_ONLINE, online, sizeof(online));
	if (strcmp(online, cpus_online) != 0) {
		(void)snprintf(reason, size, "left CPUs offline: %s of %s are online", online,
			       cpus_online);
		printf("@@end %u fail %s\n@@stop\n", test->number, reason);
		exit(1);
	}
	remove_cgroup(test->cgroup);
	return clean;
}

static const char *judge(int status, const struct test *test, const struct output *out,
			 char *reason, size_t size)
{
	if (status == -1)
		(void)snprintf(reason, size, "did not end within %u s", test->timeout_s);
	else if (WIFSIGNALED(status))
		(void)snprintf(reason, size, "died of signal %d (%s)", WTERMSIG(status),
			       strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == SKIP_STATUS)
		(void)snprintf(reason, size, "%s", out->last[0] ? out->last : "no reason given");
	else if (WEXITSTATUS(status))
		(void)snprintf(reason, size, "exit status %d", WEXITSTATUS(status));
	if (status == -1 || WIFSIGNALED(status))
		return "fail";
	return WEXITSTATUS(status) == 0		    ? "pass"
	       : WEXITSTATUS(status) == SKIP_STATUS ? "skip"
						    : "fail";
}

static void run_test(struct test *test)
{
	char main_cgroup[96], reason[512] = "";
	struct output out = { .length = 0 };
	const char *result;
	int pipes[2], status;
	pid_t pid;

	printf("@@begin %u\n", test->number);
	(void)fflush(stdout);
	if (!make_cgroup(test, main_cgroup, sizeof(main_cgroup)) || pipe2(pipes, O_CLOEXEC)) {
		printf("@@end %u fail no cgroup or pipe for it: %s\n", test->number,
		       strerror(errno));
		return;
	}
	pid = fork();
	if (pid == 0)
		become_test(test, main_cgroup, pipes[1]);
	close(pipes[1]);
	(void)fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	status = wait_test(test, pid, pipes[0], &out);
	if (status == -1)
		(void)write_at(test->cgroup, "cgroup.kill", "1");
	result = judge(status, test, &out, reason, sizeof(reason));
	if (!clean_up(test, reason, sizeof(reason)))
		result = "fail";
	while (poll(&(struct pollfd){ .fd = pipes[0], .events = POLLIN }, 1, 0) > 0 &&
	       pass_output(pipes[0], &out))
		;
	if (out.length)
		print_line(&out);
	if (strcmp(result, "skip") == 0)
		(void)snprintf(reason, sizeof(reason), "%s", out.last);
	close(pipes[0]);
	reap_orphans();
	printf("@@end %u %s %s\n", test->number, result, reason);
	(void)fflush(stdout);
}

/* Splits a line of the plan in place. */
static bool parse(char *line, struct test *test)
{
	char *rest = line, *field;
	unsigned n = 0;

	line[strcspn(line, "\n")] = '\0';
	field = strsep(&rest, "\t");
	test->number = (unsigned)strtoul(field, NULL, 10);
	field = strsep(&rest, "\t");
	test->timeout_s = field ? (unsigned)strtoul(field, NULL, 10) : 0;
	while (n < ARGS_MAX && (field = strsep(&rest, "\t")))
		test->argv[n++] = field;
	test->argv[n] = NULL;
	return test->timeout_s && n;
}

int main(int argc, char **argv)
{
	static const struct sched_param first = { .sched_priority = 50 };
	FILE *plan = argc == 2 ? fopen(argv[1], "re") : NULL;
	char line[LINE_MAX_BYTES];
	struct test test;

	if (!plan) {
		fprintf(stderr, "usage: guest-runner PLAN\n");
		return 2;
	}
	if (sched_setscheduler(0, SCHED_FIFO, &first) ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) {
		perror("guest-runner: SCHED_FIFO, subreaper");
		return 2;
	}
	read_line(CPUS_ONLINE, cpus_online, sizeof(cpus_online));
	while (fgets(line, sizeof(line), plan)) {
		if (!parse(line, &test)) {
			fprintf(stderr, "guest-runner: a line of the plan is wrong: %s\n", line);
			return 2;
		}
		run_test(&test);
	}
	return 0;
}
