/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A whole life of a handle, in which the n-th allocation or the n-th call of the kernel fails, for
 * every n: an error comes back, with a sentence, and nothing is left behind.
 */
#include <scx/scx.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <scx/domain.h>
#include <scx/probe.h>
#include <scx/snapshot.h>
#include <scx/stats.h>
#include <scx/task.h>
#include <scx/tunable.h>

#include "../lib/fail_alloc.h"
#include "../lib/fake_backend.h"

#define LIMIT 2000 /* more than a life has */

struct life {
	struct fake fake;
	int first; /* error of the first call that failed */
	char words[256];
};

/* Takes the first error, and the sentence that came with it. */
static void note(struct life *life, const struct scx *s, int result)
{
	if (result >= 0 || life->first)
		return;
	life->first = result;
	(void)strncpy(life->words, scx_errmsg(s), sizeof(life->words) - 1);
}

static void use(struct life *life, struct scx *s)
{
	struct scx_migration_request request = { .tid = 1, .domain = 1 };
	struct scx_snapshot *snap = scx_snapshot_new(s);
	uint64_t values[SCX_STATS_MAX];
	struct scx_event events[2];

	if (snap) {
		note(life, s, scx_snapshot_read(snap));
		scx_snapshot_free(snap);
	} else {
		note(life, s, -errno);
	}
	note(life, s, scx_stat_read(s, values, SCX_STATS_MAX));
	note(life, s, scx_event_read(s, events, 2));
	note(life, s, scx_migrate(s, &request, 1, NULL));
	note(life, s, scx_task_join(s, 1, SCX_JOIN_PROCESS));
	note(life, s, scx_domain_set_list(s, 0, "0"));
	note(life, s, scx_alarm_set(s, scx_now_ns(s) + 5));
	note(life, s, scx_wait(s, -1, scx_now_ns(s) + 1));
}

/* Every call is made, whatever the ones before gave. */
static void live(struct life *life, const char *scheduler, const struct scx_backend *backend)
{
	char err[256] = "";
	struct scx *s = scx_open(scheduler, &SCX_OPTS(scx_open_opts, .backend = backend,
						      .restart = SCX_RESTART_ERRORS, .errbuf = err,
						      .errbuf_size = sizeof(err)));

	if (!s) {
		life->first = -errno;
		memcpy(life->words, err, sizeof(err));
		return;
	}
	note(life, s, scx_tunable_set(s, "slice_us", "5000"));
	if (backend) {
		note(life, s, scx_attach(s));
		use(life, s);
		fake_end(&life->fake, SCX_END_ERROR, 0, "the test's end");
		note(life, s, scx_process(s));
		note(life, s, scx_process(s));
		note(life, s, scx_detach(s));
		note(life, s, scx_domain_remove(s, 1));
		note(life, s, scx_domain_set_list(s, 7, "3"));
		note(life, s, scx_load(s));
	}
	scx_close(s);
}

Test(failures, of_each_allocation_leave_nothing_behind)
{
	for (unsigned n = 1; n < LIMIT; n++) {
		struct life life = { .first = 0 };
		long before = fail_alloc_live();
		bool happened;

		fake_init(&life.fake);
		fail_alloc_at(n);
		live(&life, "any", &life.fake.backend);
		happened = fail_alloc_happened();
		fail_alloc_at(0);
		cr_assert_null(life.fake.broken, "allocation %u, out of order: %s", n,
			       life.fake.broken);
		cr_assert_eq(life.fake.sessions, 0, "allocation %u", n);
		cr_assert_null(life.fake.running, "allocation %u: still attached", n);
		cr_assert_eq(fail_alloc_live(), before, "allocation %u: %ld are left", n,
			     fail_alloc_live() - before);
		if (!happened) {
			cr_assert_eq(life.first, 0, "%d: %s", life.first, life.words);
			cr_assert_gt(n, 20);
			return;
		}
		/* Without memory for its words a report is without words, and no error. */
		cr_assert(life.first == -ENOMEM || life.first == 0, "allocation %u: %d, %s", n,
			  life.first, life.words);
		cr_assert(!life.first || life.words[0], "allocation %u: no sentence", n);
	}
	cr_assert_fail("no end");
}

Test(failures, of_each_call_of_the_kernel_leave_nothing_behind)
{
	for (unsigned n = 1; n < LIMIT; n++) {
		struct life life = { .first = 0 };

		fake_init(&life.fake);
		life.fake.fail_at = n;
		life.fake.fail_with = -EDOM;
		live(&life, "any", &life.fake.backend);
		cr_assert_null(life.fake.broken, "call %u, out of order: %s", n, life.fake.broken);
		cr_assert_eq(life.fake.sessions, 0, "call %u", n);
		cr_assert_null(life.fake.running, "call %u: still attached", n);
		if (!life.fake.happened) {
			cr_assert_eq(life.first, 0, "%d: %s", life.first, life.words);
			cr_assert_gt(n, 20);
			return;
		}
		/* What only tells whether it runs, or compares clocks, may fail and harm nothing. */
		cr_assert(life.first == -EDOM || life.first == 0, "call %u: %d, %s", n, life.first,
			  life.words);
		cr_assert(!life.first || life.words[0], "call %u: no sentence", n);
	}
	cr_assert_fail("no end");
}

/* The running kernel's backend as far as it comes without privilege: libbpf's part is its own. */
Test(failures, of_each_allocation_while_a_bundled_scheduler_is_opened)
{
	for (unsigned n = 1; n < LIMIT; n++) {
		struct life life = { .first = 0 };
		long before = fail_alloc_live();
		bool happened;

		fail_alloc_at(n);
		live(&life, "atropos", NULL);
		happened = fail_alloc_happened();
		fail_alloc_at(0);
		cr_assert_eq(fail_alloc_live(), before, "allocation %u: %ld are left", n,
			     fail_alloc_live() - before);
		if (!happened) {
			cr_assert_eq(life.first, 0, "%d: %s", life.first, life.words);
			cr_assert_gt(n, 10);
			return;
		}
		/* An array that cannot be made smaller stays as it is. */
		cr_assert(life.first == -ENOMEM || life.first == 0, "allocation %u: %d, %s", n,
			  life.first, life.words);
	}
	cr_assert_fail("no end");
}

Test(failures, of_each_allocation_while_probing)
{
	for (unsigned n = 1; n < LIMIT; n++) {
		long before = fail_alloc_live();
		struct scx_probe *probe;

		fail_alloc_at(n);
		probe = scx_probe_new();
		cr_assert(probe || errno == ENOMEM);
		scx_probe_free(probe);
		cr_assert_eq(fail_alloc_live(), before, "allocation %u", n);
		if (!fail_alloc_happened())
			return;
	}
	cr_assert_fail("no end");
}
