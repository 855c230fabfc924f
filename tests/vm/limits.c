// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * What is beyond a limit is refused, with a sentence that names it, before attach and on a running
 * scheduler, which then is as it was. What is just within a limit works: domain 255 is one like any
 * other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <scx/domain.h>
#include <scx/task.h>
#include <scx/tunable.h>

#include "fixture.h"
#include "workers.h"

#define HOGS 10
#define LAST (SCX_DOMAIN_MAX - 1)

/* The call fails with @error, and the sentence has @word in it. */
#define refused(scx, call, error, word)                                                            \
	do {                                                                                       \
		int err_ = (call);                                                                 \
		expect(err_ == (error), "%s: %d, not %d: %s", #call, err_, (error),                \
		       scx_errmsg(scx));                                                           \
		expect(strstr(scx_errmsg(scx), (word)), "%s: '%s' without '%s'", #call,            \
		       scx_errmsg(scx), (word));                                                   \
	} while (0)

static void refuse_to_open(void)
{
	char err[1024] = "";
	struct scx_open_opts opts = { .size = sizeof(opts), .timeout_ms = 30001 };

	opts.errbuf = err;
	opts.errbuf_size = sizeof(err);
	expect(!scx_open("atropos", &opts) && errno == EINVAL && strstr(err, "30000"),
	       "a timeout that the kernel refuses: %s", err);
}

/* Also where it is used while a scheduler runs. */
static void refuse_domains(struct scx *scx)
{
	cpu_set_t none;

	CPU_ZERO(&none);
	refused(scx, scx_domain_set_list(scx, SCX_DOMAIN_MAX, "7"), -EINVAL, "256");
	refused(scx, scx_domain_set_list(scx, 0xffffffffU, "7"), -EINVAL, "255");
	refused(scx, scx_domain_set_list(scx, 1, "3"), -EINVAL, "CPU 3 is in domain 0");
	refused(scx, scx_domain_set_list(scx, 1, "8-9"), -ENODEV, "CPU 8");
	refused(scx, scx_domain_set_list(scx, 1, "1000"), -ENODEV, "CPU 1000");
	refused(scx, scx_domain_set_list(scx, 1, "7,100000"), -ENODEV, "above 1023");
	refused(scx, scx_domain_set_list(scx, 1, "7-"), -EINVAL, "7-");
	refused(scx, scx_domain_set(scx, 1, sizeof(none), &none), -EINVAL, "no CPU");
	refused(scx, scx_domain_remove(scx, 9), -ENOENT, "domain 9");
	refused(scx, scx_domain_remove(scx, SCX_DOMAIN_MAX), -EINVAL, "256");
	refused(scx, scx_domain_set_order(scx, 0, -1, (const unsigned[]){ 0 }, 1), -EINVAL, "0");
	refused(scx, scx_domain_set_order(scx, 0, -1, (const unsigned[]){ SCX_DOMAIN_MAX }, 1),
		-EINVAL, "256");
}

static void refuse_tunables(struct scx *scx)
{
	refused(scx, scx_tunable_set(scx, "slice_us", "99"), -ERANGE, "slice_us");
	refused(scx, scx_tunable_set(scx, "slice_us", "1000001"), -ERANGE, "slice_us");
	refused(scx, scx_tunable_set(scx, "slice_us", "18446744073709551616"), -ERANGE, "slice_us");
	refused(scx, scx_tunable_set(scx, "slice_us", "-1"), -EINVAL, "slice_us");
	refused(scx, scx_tunable_set(scx, "order", "lifo"), -EINVAL, "fifo");
	refused(scx, scx_tunable_set(scx, "no_such", "1"), -ENOENT, "no_such");
}

static void refuse_migrations(struct scx *scx, struct worker *hogs, struct worker *pinned)
{
	pid_t hog = hogs[0].pid;

	refused(scx, scx_task_set_domain(scx, hog, SCX_DOMAIN_MAX), -EINVAL, "256");
	refused(scx, scx_task_set_domain(scx, hog, 0xffffffffU), -EINVAL, "4294967295");
	refused(scx, scx_task_set_domain(scx, hog, 7), -EINVAL, "domain 7");
	refused(scx, scx_task_set_domain(scx, pinned->pid, LAST), -EPERM, "affinity");
	refused(scx, scx_task_set_domain(scx, 4000000, 0), -ESRCH, "4000000");
}

/* A scheduler whose tables were made for few domains. */
static void refuse_to_grow(void)
{
	struct scx *scx = attach_atropos("0-3;4-7", "");

	must(scx, scx_domain_set_list(scx, 1, "4-6"));
	refused(scx, scx_domain_set_list(scx, LAST, "7"), -EINVAL, "has room for domains 0 .. ");
	refused(scx, scx_domain_remove(scx, LAST), -ENOENT, "255");
	must(scx, scx_domain_set_list(scx, 63, "7"));
	finish(scx);
}

int main(void)
{
	struct worker *hogs = workers_new(HOGS + 1), *pinned = &hogs[HOGS];
	struct scx *scx;

	stand_above();
	refuse_to_open();
	refuse_to_grow();
	scx = open_scheduler("atropos", &SCX_OPTS(scx_open_opts, .timeout_ms = 30000));
	must(scx, scx_domain_set_list(scx, 0, "0-3"));
	refuse_domains(scx);
	refuse_tunables(scx);
	refused(scx, scx_task_set_domain(scx, 0, 0), -ENOTCONN, "not attached");
	must(scx, scx_tunable_set(scx, "greedy", "0"));
	must(scx, scx_domain_set_list(scx, LAST, "4-7"));
	attach(scx);
	workers_start(hogs, HOGS + 1, WORK_HOG);
	worker_confine(pinned, cpu_bits("2"));
	refuse_domains(scx);
	refuse_migrations(scx, hogs, pinned);
	refused(scx, scx_tunable_set(scx, "greedy", "1"), -EBUSY, "greedy");
	refused(scx, scx_attach(scx), -EALREADY, "attached");
	step("domain %d", LAST);
	for (unsigned i = 0; i < HOGS; i++)
		must(scx, scx_task_set_domain(scx, hogs[i].pid, LAST));
	expect_settled(hogs, HOGS, cpu_bits("4-7"), 1);
	must(scx, scx_domain_remove(scx, LAST));
	refused(scx, scx_domain_remove(scx, 0), -EBUSY, "last");
	expect_settled(hogs, HOGS, cpu_bits("0-7"), 0);
	expect_settled(pinned, 1, cpu_bits("2"), 1);
	workers_stop(hogs, HOGS + 1);
	finish(scx);
	return 0;
}
