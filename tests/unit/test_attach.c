/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include <scx/scx.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <string.h>

#include <scx/domain.h>
#include <scx/snapshot.h>
#include <scx/tunable.h>

#include "../lib/fake_backend.h"

#define MS 1000000ULL
#define ASKS_RESTART (1LL << 48) /* SCX_ECODE_ACT_RESTART */

static struct fake fake;

static struct scx *open_fake(enum scx_restart restart)
{
	struct scx *s;

	fake_init(&fake);
	s = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &fake.backend, .restart = restart));
	cr_assert_not_null(s);
	return s;
}

static struct scx *attach_fake(enum scx_restart restart)
{
	struct scx *s = open_fake(restart);

	cr_assert_eq(scx_attach(s), 0, "%s", scx_errmsg(s));
	return s;
}

static void close_fake(struct scx *s)
{
	scx_close(s);
	cr_assert_eq(fake.sessions, 0);
	cr_assert_null(fake.broken, "out of order: %s", fake.broken);
}

static void expect_state(struct scx *s, int state)
{
	cr_assert_eq(scx_process(s), 0, "%s", scx_errmsg(s));
	cr_assert_eq(scx_state(s), state, "state %d", scx_state(s));
}

Test(attach, sees_an_end_while_the_kernel_enables_it)
{
	struct scx *s = open_fake(SCX_RESTART_ASKED);

	fake.ends_at_once = true;
	fake.next_end = (struct scxi_end){ .kind = SCX_END_ERROR,
					   .cpu = -1,
					   .reason = "runtime error",
					   .message = "ops.init() failed (-22)",
					   .dump = "" };
	cr_assert_eq(scx_attach(s), -ECANCELED);
	cr_assert_not_null(strstr(scx_errmsg(s), "ops.init() failed (-22)"));
	cr_assert_eq(scx_state(s), SCX_STATE_ENDED);
	cr_assert_eq(scx_end(s)->kind, SCX_END_ERROR);
	cr_assert_eq(fake.detaches, 1);
	fake.ends_at_once = false;
	cr_assert_eq(scx_attach(s), 0);
	cr_assert_null(scx_end(s));
	close_fake(s);
}

Test(attach, sees_the_end_of_one_that_keeps_no_record)
{
	struct scx *s = open_fake(SCX_RESTART_ASKED);

	fake.ends_at_once = true;
	fake.keeps_no_record = true;
	cr_assert_eq(scx_attach(s), -ECANCELED);
	cr_assert_eq(scx_end(s)->kind, SCX_END_UNKNOWN);
	cr_assert_neq(scx_end(s)->reason[0], '\0');
	close_fake(s);
}

Test(attach, names_the_scheduler_that_is_attached_and_loads_nothing)
{
	struct scx *s = open_fake(SCX_RESTART_ASKED);

	fake.kernel.enabled = true;
	strcpy(fake.kernel.name, "other_one");
	cr_assert_eq(scx_attach(s), -EBUSY);
	cr_assert_not_null(strstr(scx_errmsg(s), "other_one"), "%s", scx_errmsg(s));
	cr_assert_eq(fake.loads, 0);
	cr_assert_eq(scx_state(s), SCX_STATE_OPENED);
	close_fake(s);
}

struct kind {
	uint64_t kind;
	int64_t code;
	int error, restart;
};

ParameterizedTestParameters(attach, reports_each_kind_of_end)
{
	static struct kind kinds[] = {
		{ SCX_END_UNKNOWN, ASKS_RESTART, 0, 0 },
		{ SCX_END_DETACHED, 0, 0, 0 },
		{ SCX_END_BPF, -7, 0, 0 },
		{ SCX_END_BPF, ASKS_RESTART | 3, 0, 1 },
		{ SCX_END_KERNEL, ASKS_RESTART | (1LL << 32), 0, 1 },
		{ SCX_END_SYSRQ, 0, 0, 0 },
		{ SCX_END_PARENT, 0, 0, 0 },
		{ SCX_END_PARENT_KILL, 0, 0, 0 },
		{ SCX_END_ERROR, 0, 1, 0 },
		{ SCX_END_ERROR_BPF, 0, 1, 0 },
		{ SCX_END_ERROR_STALL, 0, 1, 0 },
		{ 99, 0, 0, 0 },   /* newer than we are */
		{ 1099, 0, 1, 0 }, /* likewise, an error */
	};

	return cr_make_param_array(struct kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(struct kind *kind, attach, reports_each_kind_of_end)
{
	struct scx *s = attach_fake(SCX_RESTART_NEVER);
	const struct scx_end *end;

	fake_end(&fake, kind->kind, kind->code, "the test's message");
	expect_state(s, SCX_STATE_ENDED);
	end = scx_end(s);
	cr_assert_eq(end->kind, kind->kind);
	cr_assert_eq(end->code, kind->code);
	cr_assert_eq(end->error, kind->error);
	cr_assert_eq(end->restart, kind->restart, "kind %u: %d", end->kind, end->restart);
	cr_assert_eq(end->cpu, 2);
	cr_assert_str_eq(end->reason, "the test's reason");
	cr_assert_str_eq(end->message, "the test's message");
	cr_assert_str_eq(end->dump, "a dump\n");
	cr_assert_eq(end->dump_bytes, strlen(end->dump));
	/* It stays when the memory is given back. */
	cr_assert_eq(scx_detach(s), 0);
	cr_assert_str_eq(scx_end(s)->message, "the test's message");
	close_fake(s);
}

Test(attach, reports_that_it_was_detached)
{
	struct scx *s = attach_fake(SCX_RESTART_ERRORS);

	cr_assert_eq(scx_detach(s), 0);
	cr_assert_eq(scx_end(s)->kind, SCX_END_DETACHED);
	cr_assert_eq(scx_end(s)->error, 0);
	expect_state(s, SCX_STATE_DETACHED);
	close_fake(s);
}

Test(attach, looks_by_timer_when_nothing_wakes)
{
	struct scx *s = open_fake(SCX_RESTART_NEVER);

	scx_close(s);
	fake.features.wakes = false;
	s = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &fake.backend));
	cr_assert_eq(scx_attach(s), 0);
	cr_assert_gt(fake.alarm_ns, fake.now_ns);
	fake_end(&fake, SCX_END_SYSRQ, 0, "");
	expect_state(s, SCX_STATE_ATTACHED); /* it is not time to look */
	cr_assert_eq(scx_wait(s, -1, UINT64_MAX), 0);
	expect_state(s, SCX_STATE_ENDED);
	close_fake(s);
}

Test(attach, asks_the_kernel_nothing_when_nothing_happened)
{
	struct scx *s = attach_fake(SCX_RESTART_ERRORS);
	unsigned alarms = fake.alarms, states = fake.states, verbs = fake.verbs;

	for (int i = 0; i < 100; i++) {
		fake.now_ns += 100 * MS;
		expect_state(s, SCX_STATE_ATTACHED);
	}
	cr_assert_eq(fake.alarms, alarms);
	cr_assert_eq(fake.states, states);
	cr_assert_eq(fake.verbs, verbs);
	close_fake(s);
}

Test(restart, happens_when_the_kernel_asks)
{
	struct scx *s = attach_fake(SCX_RESTART_ASKED);

	cr_assert_eq(scx_detach(s), 0);
	cr_assert_eq(scx_tunable_set(s, "slice_us", "5000"), 0);
	cr_assert_eq(scx_attach(s), 0);
	fake_end(&fake, SCX_END_KERNEL, ASKS_RESTART, "cpu 3 went away");
	expect_state(s, SCX_STATE_RESTARTING);
	cr_assert_str_eq(scx_end(s)->message, "cpu 3 went away");
	cr_assert_leq(fake.alarm_ns, fake.now_ns); /* at once */
	fake.slice_us = 0;
	expect_state(s, SCX_STATE_ATTACHED);
	cr_assert_eq(scx_restarts(s), 1);
	cr_assert_null(scx_end(s));
	cr_assert_eq(fake.slice_us, 5000, "tunables stay");
	close_fake(s);
}

Test(restart, keeps_domains_and_begins_snapshots_anew)
{
	struct scx *s = open_fake(SCX_RESTART_ASKED);
	struct scx_snapshot *snap = scx_snapshot_new(s);

	cr_assert_eq(scx_domain_set_list(s, 0, "0-1"), 0);
	cr_assert_eq(scx_domain_set_list(s, 3, "2-3"), 0);
	cr_assert_eq(scx_attach(s), 0);
	cr_assert_eq(scx_snapshot_read(snap), 0);
	fake.now_ns += 10 * MS;
	cr_assert_eq(scx_snapshot_read(snap), 0);
	cr_assert_eq(scx_snapshot_interval_ns(snap), 10 * MS);
	fake_end(&fake, SCX_END_KERNEL, ASKS_RESTART, "");
	expect_state(s, SCX_STATE_RESTARTING);
	expect_state(s, SCX_STATE_ATTACHED);
	cr_assert_eq(scx_snapshot_read(snap), 0);
	cr_assert_eq(scx_snapshot_interval_ns(snap), 0);
	cr_assert_eq(scx_snapshot_nr_domains(snap), 2);
	cr_assert_eq(scx_snapshot_domain(snap, 1)->domain, 3);
	cr_assert_eq(scx_snapshot_domain(snap, 1)->nr_cpus, 2);
	scx_snapshot_free(snap);
	close_fake(s);
}

struct decision {
	enum scx_restart restart;
	uint64_t kind;
	int64_t code;
	int state;
};

ParameterizedTestParameters(restart, is_decided_by_option_and_end)
{
	static struct decision decisions[] = {
		{ SCX_RESTART_ASKED, SCX_END_ERROR, 0, SCX_STATE_ENDED },
		{ SCX_RESTART_ASKED, SCX_END_KERNEL, ASKS_RESTART, SCX_STATE_RESTARTING },
		{ SCX_RESTART_ASKED, SCX_END_BPF, ASKS_RESTART, SCX_STATE_RESTARTING },
		{ SCX_RESTART_ASKED, SCX_END_SYSRQ, 0, SCX_STATE_ENDED },
		{ SCX_RESTART_NEVER, SCX_END_KERNEL, ASKS_RESTART, SCX_STATE_ENDED },
		{ SCX_RESTART_NEVER, SCX_END_ERROR, 0, SCX_STATE_ENDED },
		{ SCX_RESTART_ERRORS, SCX_END_ERROR, 0, SCX_STATE_RESTARTING },
		{ SCX_RESTART_ERRORS, SCX_END_ERROR_STALL, 0, SCX_STATE_RESTARTING },
		{ SCX_RESTART_ERRORS, SCX_END_KERNEL, ASKS_RESTART, SCX_STATE_RESTARTING },
		{ SCX_RESTART_ERRORS, SCX_END_SYSRQ, 0, SCX_STATE_ENDED },
		{ SCX_RESTART_ERRORS, SCX_END_DETACHED, 0, SCX_STATE_ENDED },
		{ SCX_RESTART_ERRORS, SCX_END_UNKNOWN, 0, SCX_STATE_ENDED },
	};

	return cr_make_param_array(struct decision, decisions,
				   sizeof(decisions) / sizeof(decisions[0]));
}

ParameterizedTest(struct decision *d, restart, is_decided_by_option_and_end)
{
	struct scx *s = attach_fake(d->restart);

	fake_end(&fake, d->kind, d->code, "");
	expect_state(s, d->state);
	close_fake(s);
}

Test(restart, never_happens_to_an_object_that_cannot_be_loaded_again)
{
	struct scx *s = open_fake(SCX_RESTART_ERRORS);

	scx_close(s);
	fake.features.renews = false;
	s = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &fake.backend,
				      .restart = SCX_RESTART_ERRORS));
	cr_assert_eq(scx_attach(s), 0);
	fake_end(&fake, SCX_END_ERROR, 0, "");
	expect_state(s, SCX_STATE_ENDED);
	cr_assert_eq(scx_attach(s), -ENOTSUP);
	cr_assert_eq(scx_state(s), SCX_STATE_DETACHED);
	close_fake(s);
}

/* Pauses of restarts that all fail in the same way. */
static void expect_pauses(struct scx *s)
{
	static const uint64_t pauses_ms[] = { 100,  200,   400,	  800,	 1600,	3200,
					      6400, 12800, 25600, 30000, 30000, 30000 };

	expect_state(s, SCX_STATE_RESTARTING);
	cr_assert_leq(fake.alarm_ns, fake.now_ns, "the first one at once");
	for (unsigned i = 0; i < sizeof(pauses_ms) / sizeof(pauses_ms[0]); i++) {
		expect_state(s, SCX_STATE_RESTARTING);
		cr_assert_eq(fake.alarm_ns - fake.now_ns, pauses_ms[i] * MS, "pause %u: %lu ns", i,
			     (unsigned long)(fake.alarm_ns - fake.now_ns));
		fake.now_ns = fake.alarm_ns - 1;
		expect_state(s, SCX_STATE_RESTARTING);
		fake.now_ns++;
	}
}

Test(restart, waits_twice_as_long_each_time_up_to_30_s)
{
	struct scx *s = attach_fake(SCX_RESTART_ERRORS);

	fake.ends_at_once = true;
	fake.next_end.kind = SCX_END_ERROR;
	fake_end(&fake, SCX_END_ERROR, 0, "");
	expect_pauses(s);
	fake.ends_at_once = false;
	expect_state(s, SCX_STATE_ATTACHED);
	cr_assert_eq(scx_restarts(s), 1);
	close_fake(s);
}

Test(restart, waits_for_another_scheduler_to_go)
{
	struct scx *s = attach_fake(SCX_RESTART_ASKED);

	fake_end(&fake, SCX_END_KERNEL, ASKS_RESTART, "");
	fake.kernel.enabled = true;
	expect_pauses(s);
	cr_assert_eq(fake.loads, 1, "nothing is loaded in vain");
	fake.kernel.enabled = false;
	expect_state(s, SCX_STATE_ATTACHED);
	close_fake(s);
}

Test(restart, forgets_failures_after_a_long_run)
{
	struct scx *s = attach_fake(SCX_RESTART_ERRORS);

	for (int i = 0; i < 5; i++) {
		fake_end(&fake, SCX_END_ERROR, 0, "");
		expect_state(s, SCX_STATE_RESTARTING);
		fake.now_ns = fake.alarm_ns > fake.now_ns ? fake.alarm_ns : fake.now_ns;
		expect_state(s, SCX_STATE_ATTACHED);
	}
	fake.now_ns += 30000 * MS;
	fake_end(&fake, SCX_END_ERROR, 0, "");
	expect_state(s, SCX_STATE_RESTARTING);
	expect_state(s, SCX_STATE_ATTACHED); /* at once again */
	cr_assert_eq(scx_restarts(s), 6);
	close_fake(s);
}

Test(restart, gives_up_when_it_cannot_succeed)
{
	struct scx *s = attach_fake(SCX_RESTART_ERRORS);

	fake_end(&fake, SCX_END_ERROR, 0, "");
	expect_state(s, SCX_STATE_RESTARTING);
	fake.fail_at = 2; /* after the look at the kernel's state comes the renewal */
	fake.fail_with = -EPERM;
	cr_assert_eq(scx_process(s), -EPERM);
	cr_assert_eq(scx_state(s), SCX_STATE_ENDED);
	cr_assert_eq(scx_end(s)->kind, SCX_END_ERROR, "the report is that of the run");
	expect_state(s, SCX_STATE_ENDED);
	close_fake(s);
}

Test(restart, does_not_happen_after_detach)
{
	struct scx *s = attach_fake(SCX_RESTART_ERRORS);

	fake_end(&fake, SCX_END_ERROR, 0, "");
	expect_state(s, SCX_STATE_RESTARTING);
	cr_assert_eq(scx_detach(s), 0);
	fake.now_ns += 60000 * MS;
	expect_state(s, SCX_STATE_DETACHED);
	cr_assert_eq(fake.alarm_ns, 0);
	close_fake(s);
}

Test(loop, runs_until_the_scheduler_ends)
{
	struct scx *s = attach_fake(SCX_RESTART_NEVER);

	fake.next_end.kind = SCX_END_SYSRQ;
	fake.ends_at_ns = fake.now_ns + 500 * MS;
	cr_assert_eq(scx_run(s, NULL), 1);
	cr_assert_eq(scx_end(s)->kind, SCX_END_SYSRQ);
	cr_assert_eq(scx_run(s, NULL), -ENOTCONN);
	close_fake(s);
}

Test(loop, runs_through_restarts)
{
	struct scx *s = attach_fake(SCX_RESTART_ERRORS);
	uint64_t begin_ns = fake.now_ns;

	fake.next_end.kind = SCX_END_ERROR;
	fake.ends_at_ns = fake.now_ns + 100 * MS;
	cr_assert_eq(scx_run(s, &SCX_OPTS(scx_run_opts, .timeout_ns = 1000 * MS)), 0);
	cr_assert_eq(scx_restarts(s), 1);
	cr_assert_eq(fake.now_ns - begin_ns, 1000 * MS);
	close_fake(s);
}

Test(loop, stops_when_the_flag_is_set)
{
	struct scx *s = attach_fake(SCX_RESTART_NEVER);
	int stop = 1;

	cr_assert_eq(scx_run(s, &SCX_OPTS(scx_run_opts, .stop = &stop)), 0);
	cr_assert_eq(scx_state(s), SCX_STATE_ATTACHED);
	close_fake(s);
}

Test(loop, regression_returns_for_an_alarm_instead_of_spinning)
{
	struct scx *s = attach_fake(SCX_RESTART_NEVER);
	uint64_t at_ns = fake.now_ns + 5 * MS;

	cr_assert_eq(scx_alarm_set(s, at_ns), 0);
	cr_assert_eq(scx_run(s, NULL), 0);
	cr_assert_eq(fake.now_ns, at_ns);
	cr_assert_eq(scx_run(s, NULL), 0); /* it stays due */
	cr_assert_eq(scx_alarm_set(s, 0), 0);
	cr_assert_eq(fake.alarm_ns, 0);
	close_fake(s);
}

Test(loop, refuses_an_option_that_it_does_not_know)
{
	struct {
		struct scx_run_opts known;
		uint64_t unknown;
	} opts = { .known = { .size = sizeof(opts) }, .unknown = 1 };
	struct scx *s = attach_fake(SCX_RESTART_NEVER);

	cr_assert_eq(scx_run(s, &opts.known), -E2BIG);
	close_fake(s);
}
