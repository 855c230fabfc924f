// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * libscx's door to a kernel, onto a model. A scheduler's memory is memory, a verb is a function call,
 * and waiting is simulating. A session is the one scheduler of a model; its object is loaded when it
 * is opened, so that tunables can be written into it.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/include/scx/memory.h"
#include "core.h"
#include "enable.h"
#include "kf.h"
#include "machine.h"
#include "mask.h"
#include "model.h"
#include "object.h"

#define POLL_EVERY 100000 /* events between two looks at the caller's descriptor */

struct scxm_session {
	struct scxi_session session;
	struct scx_model *model;
	const struct scxi_source *source;
	struct scxi_ops_wish wish;
	struct scxi_features features;
	uint64_t hotplug_seq;
	bool attached; /* and not detached since, whether it still runs or not */
	bool ran;
};

static struct scxm_session *session_of(struct scxi_session *session)
{
	return (struct scxm_session *)(void *)session;
}

static struct scx_model *model_of(const struct scx_backend *backend)
{
	return backend->data;
}

__attribute__((format(printf, 3, 4))) static int fail(struct scxi_error *err, int error,
						      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	/* What does not fit is cut off. */
	(void)vsnprintf(err->buf, err->size, fmt, args);
	va_end(args);
	return error;
}

/* ---- the machine ---- */

static int copy_cpus(const struct scxm *m, const cpumask_t *from, size_t setsize, cpu_set_t *to)
{
	if (!to)
		return 0;
	CPU_ZERO_S(setsize, to);
	for (uint32_t cpu = 0; cpu < m->nr_cpus; cpu++) {
		if (!scxm_mask_test(from, (int)cpu))
			continue;
		if (cpu >= setsize * 8)
			return -EINVAL;
		CPU_SET_S(cpu, setsize, to);
	}
	return 0;
}

static int model_cpus(const struct scx_backend *backend, size_t setsize, cpu_set_t *ret_possible,
		      cpu_set_t *ret_online)
{
	const struct scxm *m = model_of(backend)->m;
	int err = copy_cpus(m, &m->possible, setsize, ret_possible);

	return err ? err : copy_cpus(m, &m->online, setsize, ret_online);
}

static const char *model_synthetic(const struct scx_backend *backend)
{
	return model_of(backend)->synthetic;
}

static int model_state(const struct scx_backend *backend, struct scxi_state *ret)
{
	const struct scxm *m = model_of(backend)->m;

	*ret = (struct scxi_state){
		.supported = true,
		.enabled = m->state != SCXM_DISABLED,
		.switch_all = m->switching_all,
		.enable_seq = m->enable_seq,
	};
	memcpy(ret->name, m->sched.ops.name, sizeof(ret->name) - 1);
	return 0;
}

static uint64_t model_now(const struct scx_backend *backend)
{
	return scxm_now(model_of(backend)->m);
}

static int model_task(const struct scx_backend *backend, pid_t tid, enum scxi_task_op op)
{
	struct scxm *m = model_of(backend)->m;
	struct scxm_task *task = scxm_task_by_pid(m, tid); /* 0, the caller, is no task there */
	int err;

	if (!task)
		return -ESRCH;
	scxm_outside_begin(m);
	err = scxm_set_policy(m, task, op == SCXI_TASK_JOIN ? SCHED_EXT : SCHED_NORMAL, 0);
	scxm_outside_end(m);
	return err;
}

static int model_threads(const struct scx_backend *backend, pid_t tid, pid_t **ret_tids)
{
	struct scxm *m = model_of(backend)->m;
	const struct scxm_task *of = scxm_task_by_pid(m, tid);
	pid_t *tids;
	int nr = 0;

	if (!of)
		return -ESRCH;
	tids = calloc(m->nr_tasks, sizeof(*tids));
	if (!tids)
		return -ENOMEM;
	for (struct list_head *at = m->tasks.next; at != &m->tasks; at = at->next) {
		const struct task_struct *p = &scxm_container(at, struct scxm_task, all)->t;

		if (p->tgid == of->t.tgid)
			tids[nr++] = p->pid;
	}
	*ret_tids = tids;
	return nr;
}

static int model_events(const struct scx_backend *backend, char *buf, size_t size)
{
	struct scxm *m = model_of(backend)->m;
	size_t used = 0;

	if (m->state != SCXM_ENABLED)
		return -ENOTSUP;
#define SCXM_EVENT(name, since)                                                                    \
	do {                                                                                       \
		int64_t sum = 0;                                                                   \
		for (uint32_t i = 0; i < m->nr_cpus; i++)                                          \
			sum += m->cpus[i].events.name;                                             \
		if (used < size)                                                                   \
			used += (size_t)snprintf(buf + used, size - used, "%s %lld\n", #name,      \
						 (long long)sum);                                  \
	} while (0);
#include "include/scxm/events.h"
#undef SCXM_EVENT
	return used < size ? (int)used : -ENOSPC;
}

/* ---- a session: open, tunables ---- */

static unsigned char *read_file(const char *path, size_t *ret_bytes)
{
	FILE *file = fopen(path, "rbe");
	unsigned char *data = NULL;
	long n = -1;

	if (!file)
		return NULL;
	if (!fseek(file, 0, SEEK_END))
		n = ftell(file);
	rewind(file);
	if (n > 0)
		data = malloc((size_t)n);
	if (data && fread(data, 1, (size_t)n, file) != (size_t)n) {
		free(data);
		data = NULL;
		errno = EIO;
	}
	(void)fclose(file); /* it was only read */
	*ret_bytes = (size_t)n;
	return data;
}

static bool has_verb(const struct scxm_object *object, const char *name)
{
	return scxm_object_symbol(object, name) != NULL;
}

static void read_features(struct scxm_session *s)
{
	const struct scxm_object *o = s->model->m->object;

	s->features = (struct scxi_features){
		.memory = scxm_object_symbol(o, "scx_memory") != NULL,
		.domains = has_verb(o, "scx_verb_domain_define"),
		.migrate = has_verb(o, "scx_verb_migrate"),
		.wakes = true,
		.renews = true,
	};
	memcpy(s->features.name, o->ops->name, sizeof(s->features.name) - 1);
	s->hotplug_seq = s->model->m->hotplug_seq;
}

static int load_object(struct scxm_session *s, struct scxi_error *err)
{
	const char *name = s->source->scheduler;
	const void *data = s->source->object;
	size_t bytes = s->source->object_bytes;
	unsigned char *file = NULL;
	char why[256];
	int error;

	if (name)
		data = scxm_bundled(name, &bytes);
	if (!data && name && strchr(name, '/'))
		data = file = read_file(name, &bytes);
	if (!data)
		return fail(err, -ENOENT, "the model has no scheduler \"%.64s\"%s%s",
			    name ? name : "", name && strchr(name, '/') ? ": " : "",
			    name && strchr(name, '/') ? strerror(errno) : "");
	error = scxm_object_open(s->model->m, data, bytes, why, sizeof(why));
	free(file);
	if (error)
		return fail(err, error, "%.64s: %s", name ? name : "the object in memory", why);
	read_features(s);
	return 0;
}

static int session_open(const struct scx_backend *backend, const struct scxi_source *source,
			const struct scxi_ops_wish *wish, struct scxi_error *err,
			struct scxi_session **ret)
{
	struct scx_model *model = model_of(backend);
	struct scxm_session *s;
	int error;

	if (model->session)
		return fail(err, -EBUSY,
			    "a scheduler is open on this model already; close it first");
	if (source->adopt)
		return fail(err, -ENOTSUP, "the model cannot run an object of libbpf's");
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->session.backend = backend;
	s->model = model;
	s->source = source;
	s->wish = *wish;
	error = load_object(s, err);
	if (error) {
		free(s);
		return error;
	}
	model->session = s;
	*ret = &s->session;
	return 0;
}

static void session_features(struct scxi_session *session, struct scxi_features *ret)
{
	*ret = session_of(session)->features;
}

/* Fills what the type and the tags of @var say; false: no tunable that libscx knows. */
static bool describe(const struct scxm_object *o, const struct scxm_btf_var *var,
		     struct scxi_tunable *t, struct scxi_tunable_value values[], unsigned room)
{
	static const enum scxi_tunable_kind kinds[] = {
		[SCXM_BTF_UNSIGNED] = SCXI_TUNABLE_UNSIGNED,
		[SCXM_BTF_SIGNED] = SCXI_TUNABLE_SIGNED,
		[SCXM_BTF_BOOL] = SCXI_TUNABLE_BOOL,
		[SCXM_BTF_STRING] = SCXI_TUNABLE_STRING,
	};
	uint32_t of;
	enum scxm_btf_class class = scxm_btf_class(o->btf, var->type, &of);

	*t = (struct scxi_tunable){
		.name = var->name,
		.size = var->bytes,
		.initial = scxm_object_symbol(o, var->name),
	};
	if (class == SCXM_BTF_OTHER || !t->initial || !t->size)
		return false;
	t->kind = kinds[class];
	while (t->nr_tags < sizeof(t->tags) / sizeof(t->tags[0]) &&
	       (t->tags[t->nr_tags] = scxm_btf_tag(o->btf, var->id, t->nr_tags)))
		t->nr_tags++;
	for (const char *name;
	     of && t->nr_values < room &&
	     (name = scxm_btf_enumerator(o->btf, of, t->nr_values, &values[t->nr_values].value));)
		values[t->nr_values++].name = name;
	t->values = t->nr_values ? values : NULL;
	return true;
}

static bool is_tunable(const struct scxm_object *o, const struct scxm_btf_var *var)
{
	return !strncmp(var->section, ".rodata", 7) && strncmp(var->name, "__", 2) != 0 &&
	       scxm_btf_is_volatile(o->btf, var->type);
}

static int session_tunables(struct scxi_session *session, scxi_tunable_fn fn, void *arg)
{
	const struct scxm_object *o = session_of(session)->model->m->object;
	struct scxi_tunable_value values[64];
	struct scxm_btf_var var;
	int err = 0;

	for (unsigned i = 0; !err && scxm_btf_var(o->btf, i, &var); i++) {
		struct scxi_tunable t;

		if (is_tunable(o, &var) && describe(o, &var, &t, values, 64))
			err = fn(arg, &t);
	}
	return err;
}

static int session_tunable_write(struct scxi_session *session, const char *name, const void *value,
				 size_t size)
{
	struct scxm_object *o = session_of(session)->model->m->object;
	struct scxm_btf_var var;

	for (unsigned i = 0; scxm_btf_var(o->btf, i, &var); i++) {
		if (!strcmp(var.name, name) && is_tunable(o, &var) && var.bytes == size)
			return scxm_object_poke(o, name, value, size);
	}
	return -ENOENT;
}

static const char *session_stat_name(struct scxi_session *session, unsigned index)
{
	const struct scxm_session *s = session_of(session);
	const struct scxm_btf *btf = s->model->m->object->btf;
	char name[sizeof(s->features.name) + 8];
	const char *found;
	int64_t value;
	uint32_t type;

	(void)snprintf(name, sizeof(name), "%s_stat", s->features.name);
	type = scxm_btf_enum(btf, name);
	for (unsigned i = 0; type && (found = scxm_btf_enumerator(btf, type, i, &value)); i++) {
		if (value == (int64_t)index)
			return found;
	}
	return NULL;
}

/* ---- a session: runs ---- */

static int session_load(struct scxi_session *session, struct scxi_error *err)
{
	(void)session;
	(void)err;
	return 0; /* it is, since it was opened */
}

static int session_attach(struct scxi_session *session, struct scxi_error *err)
{
	struct scxm_session *s = session_of(session);
	struct scxm *m = s->model->m;
	struct sched_ext_ops ops = *m->object->ops;
	int error;

	if (s->wish.partial)
		ops.flags |= SCX_OPS_SWITCH_PARTIAL;
	if (s->wish.timeout_ms)
		ops.timeout_ms = s->wish.timeout_ms;
	if (s->wish.dump_bytes)
		ops.exit_dump_len = s->wish.dump_bytes;
	/* Closes the gap between what the caller knew of the CPUs and now, as on a kernel. */
	if (!ops.hotplug_seq && !(ops.cpu_online && ops.cpu_offline))
		ops.hotplug_seq = s->hotplug_seq;
	scxm_outside_begin(m);
	error = scxm_enable(m, &ops);
	scxm_outside_end(m);
	if (error)
		return fail(err, error, "%s cannot be attached: %s", s->features.name,
			    strerror(-error));
	s->attached = s->ran = true;
	return 0;
}

static int session_memory(struct scxi_session *session, struct scxi_memory *ret)
{
	const struct scxm_object *o = session_of(session)->model->m->object;
	struct scx_memory *memory = scxm_object_symbol(o, "scx_memory");

	for (unsigned i = 0; memory && i < o->nr_maps; i++) {
		const struct scxm_map *map = &o->maps[i];

		if (strcmp(map->name, "scx_arena") != 0)
			continue;
		*ret = (struct scxi_memory){ memory, map->data, map->data_bytes };
		return 0;
	}
	return -ENOTSUP;
}

static int session_verb(struct scxi_session *session, const char *verb, void *arg, size_t size)
{
	struct scxm *m = session_of(session)->model->m;
	char name[64];

	(void)size; /* caller and scheduler share verb.h */
	(void)snprintf(name, sizeof(name), "scx_verb_%s", verb);
	if (!has_verb(m->object, name))
		return -ENOTSUP;
	(void)scxm_object_verb(m, name, arg); /* the answer is in @arg too */
	return 0;
}

static int session_end(struct scxi_session *session, struct scxi_end *ret)
{
	const struct scxm_session *s = session_of(session);
	const struct scxm_end *end = &s->model->m->end;

	if (!s->ran || !end->ended)
		return 0;
	*ret = (struct scxi_end){
		.kind = (uint64_t)end->kind,
		.code = end->code,
		.cpu = end->cpu,
		.reason = end->reason,
		.message = end->msg,
		.dump = end->dump ? end->dump : "",
	};
	return 1;
}

static void session_detach(struct scxi_session *session)
{
	struct scxm_session *s = session_of(session);
	struct scxm *m = s->model->m;

	if (!s->attached)
		return;
	s->attached = false;
	scxm_outside_begin(m);
	scxm_unregister(m);
	scxm_outside_end(m);
}

static void session_unload(struct scxi_session *session)
{
	struct scxm_session *s = session_of(session);

	session_detach(session);
	s->ran = false;
	scxm_object_close(s->model->m);
}

static int session_renew(struct scxi_session *session, struct scxi_error *err)
{
	return load_object(session_of(session), err);
}

static void session_close(struct scxi_session *session, bool inherited)
{
	struct scxm_session *s = session_of(session);

	(void)inherited; /* a forked child has a machine of its own */
	session_unload(session);
	s->model->session = NULL;
	s->model->alarm_ns = 0;
	free(s);
}

/* ---- a session: time ---- */

static int session_fd(struct scxi_session *session)
{
	(void)session;
	return -1;
}

static int session_alarm(struct scxi_session *session, uint64_t at_ns)
{
	session_of(session)->model->alarm_ns = at_ns;
	return 0;
}

/* 1: readable. */
static int look_at(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return 0;
	if (poll(&poll_fd, 1, 0) < 0)
		return -errno;
	if (poll_fd.revents & POLLNVAL)
		return -EBADF;
	return poll_fd.revents != 0;
}

static int session_wait(struct scxi_session *session, int extra_fd, uint64_t deadline_ns)
{
	struct scxm_session *s = session_of(session);
	struct scxm *m = s->model->m;
	uint64_t alarm_ns = s->model->alarm_ns;

	if (alarm_ns && alarm_ns < deadline_ns)
		deadline_ns = alarm_ns;
	for (;;) {
		bool ended = s->attached && m->end.ended;
		int readable = look_at(extra_fd);

		if (readable)
			return readable < 0 ? readable : SCXI_WAIT_FD;
		if (ended || scxm_now(m) >= deadline_ns)
			return 0;
		/* With nothing to come and no deadline, only the descriptor could end this. */
		if (!scxm_clock_peek(&m->clock) && deadline_ns == UINT64_MAX)
			return -EDEADLK;
		if (!scxm_run_while(m, deadline_ns, POLL_EVERY, s->attached))
			return -EIO;
	}
}

const struct scxi_backend_ops scxm_backend_ops = {
	.name = "model",
	.cpus = model_cpus,
	.synthetic = model_synthetic,
	.state = model_state,
	.now = model_now,
	.task = model_task,
	.threads = model_threads,
	.events = model_events,
	.open = session_open,
	.features = session_features,
	.tunables = session_tunables,
	.stat_name = session_stat_name,
	.tunable_write = session_tunable_write,
	.load = session_load,
	.attach = session_attach,
	.memory = session_memory,
	.verb = session_verb,
	.end = session_end,
	.detach = session_detach,
	.unload = session_unload,
	.renew = session_renew,
	.close = session_close,
	.fd = session_fd,
	.alarm = session_alarm,
	.wait = session_wait,
};
