/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A kernel that is none: see fake_backend.h.
 */
#include "fake_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <scx/cpuset.h>
#include <scx/scx.h>

#include "../../libscx/error.h"

#include <include/scx/verb.h>

#define STATS 2
#define END_DETACHED 64

enum stage {
	FRESH = 1, /* open, tunables */
	BROKEN,	   /* the load failed */
	LOADED,
	ATTACHED,
	OVER, /* detached: memory and end are still there */
	EMPTY,
};

/* The arena: references are offsets into it. */
struct arena {
	struct scx_memory memory;
	uint32_t chunks[SCX_CHUNKS_MAX];
	struct scx_account accounts[FAKE_CPUS * SCX_DOMAINS_MAX];
	struct scx_cpu_slot cpus[FAKE_CPUS];
	struct scx_domain_slot domains[SCX_DOMAINS_MAX];
	struct scx_migration batch[SCX_BATCH_MAX];
	struct scx_task_slot tasks[FAKE_TASKS];
};

struct fake_session {
	struct scxi_session session;
	struct fake *fake;
	enum stage stage;
	uint64_t slice_us;
	bool ended;
	struct scxi_end end;
	struct arena *arena;
};

static struct fake_session *of(struct scxi_session *session)
{
	return (struct fake_session *)(void *)session;
}

static bool must_fail(struct fake *f)
{
	if (!f->fail_at || --f->fail_at)
		return false;
	f->happened = true;
	return true;
}

/* As the door asks of calls that take a struct scxi_error. */
static int fail_in_words(const struct scxi_error *err, int error)
{
	return scxi_fail_buf(err->buf, err->size, error, "the fake fails as it was told to");
}

static void expect_stage(struct fake_session *s, const char *call, bool right)
{
	if (!right && !s->fake->broken)
		s->fake->broken = call;
}

static uint32_t ref(const void *at)
{
	return (uint32_t)(uintptr_t)at;
}

static int fake_cpus(const struct scx_backend *backend, size_t setsize, cpu_set_t *ret_possible,
		     cpu_set_t *ret_online)
{
	if (must_fail(backend->data))
		return ((struct fake *)backend->data)->fail_with;
	if (ret_possible)
		(void)scx_cpuset_parse("0-3", setsize, ret_possible);
	if (ret_online)
		(void)scx_cpuset_parse("0-3", setsize, ret_online);
	return 0;
}

static const char *fake_synthetic(const struct scx_backend *backend)
{
	(void)backend;
	return FAKE_MACHINE;
}

static int fake_state(const struct scx_backend *backend, struct scxi_state *ret)
{
	struct fake *f = backend->data;

	f->states++;
	if (must_fail(f))
		return f->fail_with;
	*ret = f->kernel;
	ret->supported = true;
	if (f->running && !f->running->ended)
		ret->enabled = true;
	return 0;
}

static uint64_t fake_now(const struct scx_backend *backend)
{
	return ((struct fake *)backend->data)->now_ns;
}

static int fake_task_policy(const struct scx_backend *backend, pid_t tid, enum scxi_task_op op)
{
	struct fake *f = backend->data;

	(void)tid;
	(void)op;
	return must_fail(f) ? f->fail_with : 0;
}

static int fake_threads(const struct scx_backend *backend, pid_t tid, pid_t **ret_tids)
{
	struct fake *f = backend->data;
	pid_t *tids;

	if (must_fail(f))
		return f->fail_with;
	tids = malloc(2 * sizeof(*tids));
	if (!tids)
		return -ENOMEM;
	tids[0] = tid;
	tids[1] = tid + 1;
	*ret_tids = tids;
	return 2;
}

static int fake_events(const struct scx_backend *backend, char *buf, size_t size)
{
	static const char text[] = "SCX_EV_SELECT_CPU_FALLBACK 3\nSCX_EV_BYPASS_ACTIVATE 1";
	struct fake *f = backend->data;

	if (must_fail(f))
		return f->fail_with;
	if (size < sizeof(text))
		return -ENOSPC;
	memcpy(buf, text, sizeof(text));
	return sizeof(text) - 1;
}

static int fake_open(const struct scx_backend *backend, const struct scxi_source *source,
		     const struct scxi_ops_wish *wish, struct scxi_error *err,
		     struct scxi_session **ret)
{
	struct fake *f = backend->data;
	struct fake_session *s;

	(void)source;
	(void)wish;
	if (must_fail(f))
		return fail_in_words(err, f->fail_with);
	s = calloc(1, sizeof(*s));
	if (!s)
		return fail_in_words(err, -ENOMEM);
	s->session.backend = backend;
	s->fake = f;
	s->stage = FRESH;
	s->slice_us = 20000;
	f->sessions++;
	*ret = &s->session;
	return 0;
}

static void fake_features(struct scxi_session *session, struct scxi_features *ret)
{
	*ret = of(session)->fake->features;
}

static int fake_tunables(struct scxi_session *session, scxi_tunable_fn fn, void *arg)
{
	static const uint64_t slice = 20000;
	static const bool greedy = true;
	static const char label[8] = "none";
	const struct scxi_tunable tunables[] = {
		{ .name = "slice_us",
		  .kind = SCXI_TUNABLE_UNSIGNED,
		  .size = 8,
		  .tags = { "help:how long", "unit:us", "range:100..100000" },
		  .nr_tags = 3,
		  .initial = &slice },
		{ .name = "greedy", .kind = SCXI_TUNABLE_BOOL, .size = 1, .initial = &greedy },
		{ .name = "label", .kind = SCXI_TUNABLE_STRING, .size = 8, .initial = label },
	};

	if (must_fail(of(session)->fake))
		return of(session)->fake->fail_with;
	for (unsigned i = 0; i < sizeof(tunables) / sizeof(tunables[0]); i++) {
		int err = fn(arg, &tunables[i]);

		if (err)
			return err;
	}
	return 0;
}

static const char *fake_stat_name(struct scxi_session *session, unsigned index)
{
	static const char *const names[STATS] = { "FAKE_STOLEN", "FAKE_LOST" };

	(void)session;
	return index < STATS ? names[index] : NULL;
}

static int fake_tunable_write(struct scxi_session *session, const char *name, const void *value,
			      size_t size)
{
	struct fake_session *s = of(session);

	expect_stage(s, "tunable_write", s->stage == FRESH);
	if (must_fail(s->fake))
		return s->fake->fail_with;
	if (strcmp(name, "slice_us") == 0 && size == 8)
		memcpy(&s->slice_us, value, size);
	return 0;
}

static int fake_load(struct scxi_session *session, struct scxi_error *err)
{
	struct fake_session *s = of(session);

	expect_stage(s, "load", s->stage == FRESH);
	s->stage = BROKEN;
	if (must_fail(s->fake))
		return fail_in_words(err, s->fake->fail_with);
	s->arena = calloc(1, sizeof(*s->arena));
	if (!s->arena)
		return fail_in_words(err, -ENOMEM);
	s->stage = LOADED;
	s->ended = false;
	s->fake->slice_us = s->slice_us;
	s->fake->loads++;
	return 0;
}

static void end_run(struct fake_session *s, const struct scxi_end *end)
{
	if (s->ended)
		return;
	s->ended = true;
	s->end = *end;
	memset(s->arena->tasks, 0, sizeof(s->arena->tasks));
	s->arena->memory.nr_tasks = 0;
}

static int fake_attach(struct scxi_session *session, struct scxi_error *err)
{
	struct fake_session *s = of(session);
	struct fake *f = s->fake;

	expect_stage(s, "attach", s->stage == LOADED);
	if (must_fail(f))
		return fail_in_words(err, f->fail_with);
	if (f->kernel.enabled)
		return fail_in_words(err, -EBUSY);
	s->stage = ATTACHED;
	f->running = s;
	f->attaches++;
	fake_task(f, (int)syscall(SYS_gettid), 0);
	if (f->ends_at_once)
		end_run(s, &f->next_end);
	return 0;
}

static int fake_memory(struct scxi_session *session, struct scxi_memory *ret)
{
	struct fake_session *s = of(session);

	expect_stage(s, "memory", s->stage == LOADED || s->stage == ATTACHED);
	if (must_fail(s->fake))
		return s->fake->fail_with;
	*ret = (struct scxi_memory){ .memory = &s->arena->memory,
				     .base = (unsigned char *)s->arena,
				     .bytes = sizeof(*s->arena) };
	return 0;
}

static void verb_init(struct arena *a, struct scx_verb_init *init)
{
	for (unsigned cpu = 0; cpu < FAKE_CPUS; cpu++)
		for (unsigned i = 0; i < STATS; i++)
			a->cpus[cpu].stats[i] = (uint64_t)(cpu + 1) * (i + 1);
	for (unsigned i = 0; i < FAKE_TASKS / SCX_CHUNK_TASKS; i++)
		a->chunks[i] = ref(&a->tasks[i * SCX_CHUNK_TASKS]);
	a->memory = (struct scx_memory){
		.version = SCX_MEMORY_VERSION,
		.nr_cpus = FAKE_CPUS,
		.nr_chunks = FAKE_TASKS / SCX_CHUNK_TASKS,
		.chunks = ref(a->chunks),
		.accounts = ref(a->accounts),
		.account_stride = init->domains,
		.cpus = ref(a->cpus),
		.domains = ref(a->domains),
		.batch = ref(a->batch),
	};
	init->result = 0;
}

static void verb_domain_define(struct arena *a, struct scx_verb_domain_define *define)
{
	struct scx_domain_slot *slot = &a->domains[define->domain];

	define->result = define->domain < a->memory.account_stride ? 0 : -EINVAL;
	if (define->result)
		return;
	slot->nr_cpus = slot->nr_all = define->nr_cpus;
	slot->node = define->node;
	slot->defined = !!define->nr_cpus;
	if (a->memory.nr_domains <= define->domain)
		a->memory.nr_domains = define->domain + 1;
}

/* A task of weight 100 becomes runnable in @domain (@n is 1), or stops being so there (-1). */
static void account(struct arena *a, unsigned domain, int n, uint64_t now_ns)
{
	struct scx_account *account = &a->accounts[domain];

	account->seq += 2;
	account->tasks += n;
	account->weight += 100 * n;
	account->task_moment += (uint64_t)(int64_t)n * (now_ns >> 10);
	account->weight_moment += (uint64_t)(int64_t)(100 * n) * (now_ns >> 10);
}

static void verb_migrate(struct arena *a, struct scx_verb_migrate *migrate, uint64_t now_ns)
{
	for (unsigned i = 0; i < migrate->nr; i++) {
		struct scx_migration *m = &a->batch[i];
		struct scx_task_slot *task;

		m->result = -ESRCH;
		if (m->slot < ref(a->tasks) || m->slot >= ref(a->tasks + FAKE_TASKS))
			continue;
		task = &a->tasks[(m->slot - ref(a->tasks)) / SCX_TASK_BYTES];
		if (task->tid != m->tid)
			continue;
		m->result = m->domain < a->memory.nr_domains ? 0 : -EINVAL;
		if (m->result)
			continue;
		migrate->moved += task->domain != m->domain;
		account(a, task->domain, -1, now_ns);
		account(a, m->domain, 1, now_ns);
		task->domain = m->domain;
	}
	migrate->result = 0;
}

static int fake_verb(struct scxi_session *session, const char *verb, void *arg, size_t size)
{
	struct fake_session *s = of(session);

	(void)size;
	expect_stage(s, verb, s->stage == LOADED || s->stage == ATTACHED || s->stage == OVER);
	s->fake->verbs++;
	if (must_fail(s->fake))
		return s->fake->fail_with;
	if (strcmp(verb, "init") == 0)
		verb_init(s->arena, arg);
	else if (strcmp(verb, "domain_define") == 0)
		verb_domain_define(s->arena, arg);
	else if (strcmp(verb, "migrate") == 0)
		verb_migrate(s->arena, arg, s->fake->now_ns);
	else
		return -ENOTSUP;
	return 0;
}

static int fake_end_of(struct scxi_session *session, struct scxi_end *ret)
{
	struct fake_session *s = of(session);
	struct fake *f = s->fake;

	expect_stage(s, "end", s->stage == ATTACHED || s->stage == OVER);
	if (f->ends_at_ns && f->now_ns >= f->ends_at_ns && s->stage == ATTACHED) {
		f->ends_at_ns = 0;
		end_run(s, &f->next_end);
	}
	if (!s->ended || f->keeps_no_record)
		return 0;
	*ret = s->end;
	return 1;
}

static void fake_detach(struct scxi_session *session)
{
	struct fake_session *s = of(session);
	const struct scxi_end end = { .kind = END_DETACHED,
				      .cpu = -1,
				      .reason = "unregistered from user space",
				      .message = "",
				      .dump = "" };

	expect_stage(s, "detach", s->stage == ATTACHED);
	end_run(s, &end);
	s->stage = OVER;
	s->fake->detaches++;
	if (s->fake->running == s)
		s->fake->running = NULL;
}

static void fake_unload(struct scxi_session *session)
{
	struct fake_session *s = of(session);

	expect_stage(s, "unload", s->stage == LOADED || s->stage == BROKEN || s->stage == OVER);
	s->stage = EMPTY;
	s->fake->unloads++;
	free(s->arena);
	s->arena = NULL;
}

static int fake_renew(struct scxi_session *session, struct scxi_error *err)
{
	struct fake_session *s = of(session);

	expect_stage(s, "renew", s->stage == EMPTY);
	if (must_fail(s->fake))
		return fail_in_words(err, s->fake->fail_with);
	s->stage = FRESH;
	s->slice_us = 20000;
	s->fake->renews++;
	return 0;
}

static void fake_close(struct scxi_session *session, bool inherited)
{
	struct fake_session *s = of(session);

	if (s->fake->running == s)
		s->fake->running = NULL;
	s->fake->sessions--;
	s->fake->inherited_closes += inherited;
	free(s->arena);
	free(s);
}

static int fake_fd(struct scxi_session *session)
{
	return of(session)->fake->fd;
}

static int fake_alarm(struct scxi_session *session, uint64_t at_ns)
{
	struct fake *f = of(session)->fake;

	f->alarms++;
	if (must_fail(f))
		return f->fail_with;
	f->alarm_ns = at_ns;
	return 0;
}

static int fake_wait(struct scxi_session *session, int extra_fd, uint64_t deadline_ns)
{
	struct fake *f = of(session)->fake;
	uint64_t wake_ns = deadline_ns;

	(void)extra_fd;
	if (must_fail(f))
		return f->fail_with;
	if (f->alarm_ns && f->alarm_ns < wake_ns)
		wake_ns = f->alarm_ns;
	if (f->ends_at_ns && f->ends_at_ns < wake_ns)
		wake_ns = f->ends_at_ns;
	if (wake_ns != UINT64_MAX && wake_ns > f->now_ns)
		f->now_ns = wake_ns;
	return 0;
}

static const struct scxi_backend_ops ops = {
	.name = "fake",
	.cpus = fake_cpus,
	.synthetic = fake_synthetic,
	.state = fake_state,
	.now = fake_now,
	.task = fake_task_policy,
	.threads = fake_threads,
	.events = fake_events,
	.open = fake_open,
	.features = fake_features,
	.tunables = fake_tunables,
	.stat_name = fake_stat_name,
	.tunable_write = fake_tunable_write,
	.load = fake_load,
	.attach = fake_attach,
	.memory = fake_memory,
	.verb = fake_verb,
	.end = fake_end_of,
	.detach = fake_detach,
	.unload = fake_unload,
	.renew = fake_renew,
	.close = fake_close,
	.fd = fake_fd,
	.alarm = fake_alarm,
	.wait = fake_wait,
};

void fake_init(struct fake *fake)
{
	*fake = (struct fake){
		.backend = { .ops = &ops, .data = fake },
		.now_ns = 1000000000,
		.features = { .name = "fake",
			      .memory = true,
			      .domains = true,
			      .migrate = true,
			      .wakes = true,
			      .renews = true },
		.fail_with = -EIO,
		.fd = -1,
		.next_end = { .cpu = -1, .reason = "", .message = "", .dump = "" },
	};
}

void fake_end(struct fake *fake, uint64_t kind, int64_t code, const char *message)
{
	const struct scxi_end end = { .kind = kind,
				      .code = code,
				      .cpu = 2,
				      .reason = "the test's reason",
				      .message = message,
				      .dump = "a dump\n" };

	if (fake->running)
		end_run(fake->running, &end);
}

void fake_task(struct fake *fake, int tid, unsigned domain)
{
	struct arena *a = fake->running->arena;

	for (unsigned i = 0; i < FAKE_TASKS; i++) {
		if (a->tasks[i].flags & SCX_SLOT_LIVE)
			continue;
		a->tasks[i] = (struct scx_task_slot){
			.tid = (uint32_t)tid,
			.tgid = (uint32_t)tid,
			.start_ns = 7,
			.duty = 1 - (fake->now_ns << 1),
			.weight = 100,
			.domain = domain,
			.flags = SCX_SLOT_LIVE,
			.comm = "task",
		};
		a->memory.nr_tasks++;
		account(a, domain, 1, fake->now_ns);
		return;
	}
}
