// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * ends OBJECT: each way in which a run can end is reported as what it was, by a scheduler that
 * misbehaves on request (culprit.bpf.c), opened from its file and from memory. After each end the
 * task that it was about goes on under the kernel's own scheduler.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <scx/tunable.h>

#include "fixture.h"

/* SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG, kernel/sched/ext/internal.h */
#define CODE_HOTPLUG ((int64_t)(1ULL << 48 | 1ULL << 32))

static const char *object;

/* Answers each byte that it is sent. */
static struct victim {
	_Atomic unsigned answers;
	pid_t pid;
	int bell[2];
} *victim;

static void start_victim(void)
{
	pid_t pid;
	char byte;

	victim = mmap(NULL, sizeof(*victim), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	expect(victim != MAP_FAILED && !pipe(victim->bell), "no memory or pipe");
	pid = fork();
	expect(pid >= 0, "no process");
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (read(victim->bell[0], &byte, 1) == 1)
			victim->answers++;
		_exit(0);
	}
	victim->pid = pid;
}

static void wake_victim(void)
{
	expect(write(victim->bell[1], "", 1) == 1, "no bell");
}

static void expect_victim_well(unsigned answers)
{
	await(victim->answers == answers);
	wake_victim();
	await(victim->answers == answers + 1);
}

static struct scx *open_culprit(const char *fault, const struct scx_open_opts *opts)
{
	struct scx *scx = open_scheduler(opts && opts->object ? NULL : object, opts);

	expect(!strcmp(scx_name(scx), "culprit"), "its name is %s", scx_name(scx));
	must(scx, scx_tunable_set(scx, "fault", fault));
	must(scx, scx_tunable_set_u64(scx, "victim", (uint64_t)victim->pid));
	return scx;
}

static void expect_end(struct scx *scx, unsigned kind, int64_t code, const char *message)
{
	const struct scx_end *end = scx_end(scx);

	expect(end, "no report");
	expect(end->kind == kind, "kind %u, not %u: %s: %s", end->kind, kind, end->reason,
	       end->message);
	expect(end->error == (kind >= SCX_END_ERROR), "error is %d", end->error);
	expect(end->code == code, "code %#llx", (unsigned long long)end->code);
	expect(end->restart == (code == CODE_HOTPLUG), "restart is %d", end->restart);
	expect(end->reason[0], "no reason");
	expect(strstr(end->message, message), "message '%s' without '%s'", end->message, message);
	/* The kernel dumps after an error, and only then. */
	expect(end->dump_bytes == strlen(end->dump) && !end->dump_bytes == !end->error,
	       "%zu bytes of dump", end->dump_bytes);
}

/* It runs until the fault shows, and ends for good. */
static void end_by(const char *fault, unsigned kind, int64_t code, const char *message)
{
	unsigned timeout_ms = strcmp(fault, "forget") ? 0 : 2000, answers = victim->answers;
	struct scx_open_opts opts = { .size = sizeof(opts), .timeout_ms = timeout_ms };
	struct scx *scx = open_culprit(fault, &opts);
	char pid[32];

	step("fault: %s", fault);
	attach(scx);
	expect(scx_end(scx) == NULL, "a report before the end");
	expect_attached(scx);
	wake_victim();
	expect(scx_run(scx, NULL) == 1, "scx_run: %s", scx_errmsg(scx));
	expect(scx_state(scx) == SCX_STATE_ENDED, "state %d", scx_state(scx));
	expect_end(scx, kind, code, message);
	/* Whom it forgot still waits when the kernel dumps; others may have run and slept by then. */
	(void)snprintf(pid, sizeof(pid), "[%d]", victim->pid);
	expect(strcmp(fault, "forget") || strstr(scx_end(scx)->dump, pid),
	       "the dump does not name the victim");
	await(kernel_says("disabled"));
	expect_victim_well(answers + 1);
	must(scx, scx_detach(scx));
	scx_close(scx);
}

/* The kernel ends it while it is enabled: attach says so. */
static void fail_by(const char *fault, const char *message)
{
	unsigned answers = victim->answers;
	struct scx *scx = open_culprit(fault, NULL);
	int err;

	step("fault: %s", fault);
	err = scx_attach(scx);
	expect(err == -ECANCELED, "scx_attach: %d: %s", err, scx_errmsg(scx));
	expect(strstr(scx_errmsg(scx), message), "%s", scx_errmsg(scx));
	expect(scx_state(scx) == SCX_STATE_ENDED, "state %d", scx_state(scx));
	expect_end(scx, SCX_END_ERROR, scx_end(scx)->code, message);
	await(kernel_says("disabled"));
	expect_victim_well(answers);
	scx_close(scx);
}

/* Somebody else, who finds its link by its number, detaches it. */
static void detached_by_another(void)
{
	struct scx *scx = open_culprit("none", NULL);
	uint32_t id = 0;
	int fd = -1;

	step("another one detaches it");
	attach(scx);
	while (fd < 0 && !bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = { .type = BPF_LINK_TYPE_UNSPEC };
		uint32_t size = sizeof(info);

		fd = bpf_link_get_fd_by_id(id);
		if (fd >= 0 && (bpf_obj_get_info_by_fd(fd, &info, &size) ||
				info.type != BPF_LINK_TYPE_STRUCT_OPS)) {
			close(fd);
			fd = -1;
		}
	}
	expect(fd >= 0 && !bpf_link_detach(fd), "no link, or it cannot be detached");
	close(fd);
	expect(scx_run(scx, NULL) == 1, "scx_run: %s", scx_errmsg(scx));
	expect_end(scx, SCX_END_DETACHED, 0, "");
	scx_close(scx);
}

static void sysrq(const void *data, size_t bytes)
{
	struct scx_open_opts opts = { .size = sizeof(opts), .object = data, .object_bytes = bytes };
	struct scx *scx = open_culprit("none", &opts);

	step("sysrq-S, an object from memory");
	attach(scx);
	write_line("/proc/sysrq-trigger", "S");
	expect(scx_run(scx, NULL) == 1, "scx_run: %s", scx_errmsg(scx));
	expect_end(scx, SCX_END_SYSRQ, 0, "");
	scx_close(scx);
}

/* A CPU goes: it is ended, and asks to be attached again, which happens or not, as was wished. */
static void hotplug(unsigned restart)
{
	struct scx_open_opts opts = { .size = sizeof(opts), .restart = restart };
	struct scx *scx = open_culprit("none", &opts);
	unsigned before;

	step("a CPU goes, restart %u", restart);
	attach(scx);
	before = enable_seq();
	write_line("/sys/devices/system/cpu/cpu7/online", "0");
	if (restart == SCX_RESTART_NEVER) {
		expect(scx_run(scx, NULL) == 1, "scx_run: %s", scx_errmsg(scx));
		expect_end(scx, SCX_END_KERNEL, CODE_HOTPLUG, "");
	} else {
		while (scx_restarts(scx) == 0) {
			must(scx, scx_wait(scx, -1, UINT64_MAX));
			must(scx, scx_process(scx));
		}
		expect(scx_state(scx) == SCX_STATE_ATTACHED && kernel_says("enabled") &&
			       enable_seq() == before + 1,
		       "it was not attached again");
		must(scx, scx_detach(scx));
	}
	write_line("/sys/devices/system/cpu/cpu7/online", "1");
	scx_close(scx);
}

static void *read_object(size_t *ret_bytes)
{
	int fd = open(object, O_RDONLY | O_CLOEXEC);
	struct stat info;
	void *data;

	expect(fd >= 0 && !fstat(fd, &info), "%s: %s", object, strerror(errno));
	data = malloc((size_t)info.st_size);
	expect(data && read(fd, data, (size_t)info.st_size) == info.st_size, "%s", object);
	close(fd);
	*ret_bytes = (size_t)info.st_size;
	return data;
}

int main(int argc, char **argv)
{
	char about[64];
	size_t bytes;
	void *data;

	expect(argc == 2, "ends OBJECT");
	object = argv[1];
	data = read_object(&bytes);
	start_victim();
	(void)snprintf(about, sizeof(about), "task %d is not to its liking", victim->pid);
	end_by("error", SCX_END_ERROR_BPF, 0, about);
	(void)snprintf(about, sizeof(about), "task %d asked for it", victim->pid);
	end_by("exit", SCX_END_BPF, 42, about);
	end_by("queue", SCX_END_ERROR, 0, "non-existent DSQ 0x777");
	/* The watchdog's own worker may be what it finds first: "failed to check in". */
	end_by("forget", SCX_END_ERROR_STALL, 0, "failed to ");
	fail_by("init", "ops.init() failed (-28)");
	(void)snprintf(about, sizeof(about), "[%d]", victim->pid);
	fail_by("init_task", about);
	detached_by_another();
	sysrq(data, bytes);
	hotplug(SCX_RESTART_NEVER);
	hotplug(SCX_RESTART_ASKED);
	free(data);
	(void)kill(victim->pid, SIGKILL);
	(void)waitpid(victim->pid, NULL, 0);
	return 0;
}
