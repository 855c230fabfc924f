// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
#include "fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/partition.h>
#include <scx/topology.h>
#include <scx/tunable.h>

static unsigned attached_seq;

_Noreturn void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)putchar('\n');
	exit(1);
}

void step(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)putchar('\n');
	(void)fflush(stdout);
}

void stand_above(void)
{
	static const struct sched_param above = { .sched_priority = 10 };

	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &above))
		die("SCHED_FIFO is refused");
}

void breathe(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
}

void read_line(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

void write_line(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("%s: '%s' cannot be written", path, text);
	close(fd);
}

bool kernel_says(const char *state)
{
	char text[32];

	read_line("/sys/kernel/sched_ext/state", text, sizeof(text));
	return strcmp(text, state) == 0;
}

unsigned enable_seq(void)
{
	char text[32];

	read_line("/sys/kernel/sched_ext/enable_seq", text, sizeof(text));
	return (unsigned)strtoul(text, NULL, 10);
}

struct scx *open_scheduler(const char *name, const struct scx_open_opts *caller)
{
	struct scx_open_opts opts = { .size = sizeof(opts) };
	static char err[1024];
	struct scx *scx;

	if (caller)
		opts = *caller;
	opts.errbuf = err;
	opts.errbuf_size = sizeof(err);
	scx = scx_open(name, &opts);
	if (!scx)
		die("scx_open: %s", err);
	return scx;
}

void attach(struct scx *scx)
{
	must(scx, scx_attach(scx));
	attached_seq = enable_seq();
}

void set_domains(struct scx *scx, const char *lists)
{
	struct scx_topology *topology = scx_topology_new(NULL);
	struct scx_partition *partition;
	static char err[1024];

	expect(topology, "no topology");
	partition =
		scx_partition_new(topology, &SCX_OPTS(scx_partition_opts, .errbuf = err,
						      .errbuf_size = sizeof(err), .lists = lists));
	expect(partition, "%s: %s", lists, err);
	must(scx, scx_domain_set_partition(scx, partition));
	scx_partition_free(partition);
	scx_topology_free(topology);
}

struct scx *attach_atropos(const char *lists, const char *tunables)
{
	struct scx *scx = open_scheduler("atropos", NULL);
	char text[128], *rest = text, *name;

	(void)snprintf(text, sizeof(text), "%s", tunables);
	while ((name = strsep(&rest, " "))) {
		char *value = strchr(name, '=');

		if (!value)
			continue;
		*value++ = '\0';
		must(scx, scx_tunable_set(scx, name, value));
	}
	set_domains(scx, lists);
	attach(scx);
	return scx;
}

void expect_attached(struct scx *scx)
{
	must(scx, scx_process(scx));
	if (scx_state(scx) != SCX_STATE_ATTACHED) {
		const struct scx_end *end = scx_end(scx);

		die("it ended: %s: %s\n%s", end ? end->reason : "?", end ? end->message : "",
		    end ? end->dump : "");
	}
	expect(kernel_says("enabled"), "the kernel does not say 'enabled'");
	expect(scx_restarts(scx) == 0 && enable_seq() == attached_seq, "it was attached anew");
}

void finish(struct scx *scx)
{
	expect_attached(scx);
	must(scx, scx_detach(scx));
	expect(scx_end(scx) && scx_end(scx)->kind == SCX_END_DETACHED, "it did not end as asked");
	expect(kernel_says("disabled"), "the kernel does not say 'disabled'");
	scx_close(scx);
}
