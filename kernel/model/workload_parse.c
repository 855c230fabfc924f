// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* Reads the text of a workload, line by line; names have to be known before they are used. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "mask.h"
#include "workload.h"

#define STEPS_MOST 256
#define TASKS_MOST 1000000

struct reader {
	struct scxm *m;
	struct scxm_workload *w;
	char *at; /* what is left of the line */
	char *errbuf;
	size_t errbuf_size;
	unsigned line;
	struct scxm_wl_group **last_group;
};

static int fail(struct reader *r, int err, const char *what, const char *word)
{
	(void)snprintf(r->errbuf, r->errbuf_size, "workload, line %u: %s%s%.64s%s", r->line, what,
		       word ? " \"" : "", word ? word : "", word ? "\"" : "");
	return err;
}

/* The next word of the line, cut off; NULL: there is none. */
static char *word(struct reader *r)
{
	char *start;

	while (isspace((unsigned char)*r->at))
		r->at++;
	start = r->at;
	if (!*start)
		return NULL;
	while (*r->at && !isspace((unsigned char)*r->at))
		r->at++;
	if (*r->at)
		*r->at++ = '\0';
	return start;
}

static bool number(const char *text, uint64_t *ret)
{
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !errno && !*end;
}

/* "250us"; @end is behind it. */
static bool one_time(const char *text, uint64_t *ret, const char **end)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };
	char *at;
	uint64_t n;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoull(text, &at, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t len = strlen(units[i].unit);

		if (strncmp(at, units[i].unit, len) != 0)
			continue;
		if (errno || n > UINT64_MAX / 4 / units[i].ns)
			return false;
		*ret = n * units[i].ns;
		*end = at + len;
		return true;
	}
	return false;
}

/* "3ms", "1ms..5ms", "exp(2ms)" */
static bool a_time(const char *text, struct scxm_wl_time *ret)
{
	const char *end;

	*ret = (struct scxm_wl_time){ .exponential = false };
	if (!text)
		return false;
	if (!strncmp(text, "exp(", 4)) {
		ret->exponential = true;
		return one_time(text + 4, &ret->least, &end) && !strcmp(end, ")");
	}
	if (!one_time(text, &ret->least, &end))
		return false;
	if (!*end)
		return true;
	return !strncmp(end, "..", 2) && one_time(end + 2, &ret->most, &end) && !*end &&
	       ret->most > ret->least;
}

bool scxm_cpulist_parse(const char *text, uint32_t nr_cpus, cpumask_t *ret)
{
	scxm_mask_zero(ret);
	while (isdigit((unsigned char)*text)) {
		unsigned long first, last;
		char *end;

		first = last = strtoul(text, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtoul(end + 1, &end, 10);
		if (first > last || last >= nr_cpus)
			return false;
		for (; first <= last; first++)
			scxm_mask_set(ret, (int)first);
		if (!*end)
			return true;
		if (*end != ',')
			return false;
		text = end + 1;
	}
	return false;
}

static struct scxm_wl_group *find_group(struct reader *r, const char *name)
{
	for (struct scxm_wl_group *g = r->w->groups; g; g = g->next) {
		if (!strcmp(g->name, name))
			return g;
	}
	return NULL;
}

/* "name" or "name[3]" */
static bool a_task(struct reader *r, char *text, struct scxm_wl_group **group, int *index)
{
	char *bracket = text ? strchr(text, '[') : NULL;
	uint64_t n;

	*index = -1;
	if (!text)
		return false;
	if (bracket) {
		char *close = strchr(bracket, ']');

		if (!close || close[1])
			return false;
		*bracket = *close = '\0';
		if (!number(bracket + 1, &n))
			return false;
		*index = (int)n;
	}
	*group = find_group(r, text);
	return *group && (*index < 0 || (unsigned)*index < (*group)->count);
}

static struct scxm_cgroup *a_cgroup(struct reader *r, const char *path)
{
	if (!path || *path != '/')
		return NULL;
	if (!path[1])
		return r->m->root_cgroup;
	for (struct list_head *at = r->m->cgroups.next; at != &r->m->cgroups; at = at->next) {
		struct scxm_cgroup *g = scxm_container(at, struct scxm_cgroup, all);

		if (!strcmp(g->name, path))
			return g;
	}
	return NULL;
}

static struct scxm_wl_channel *a_channel(struct reader *r, const char *name)
{
	struct scxm_wl_channel *c;

	if (!name || strlen(name) >= sizeof(c->name))
		return NULL;
	for (c = r->w->channels; c; c = c->next) {
		if (!strcmp(c->name, name))
			return c;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	memcpy(c->name, name, strlen(name) + 1);
	scxm_list_init(&c->waiters);
	c->next = r->w->channels;
	r->w->channels = c;
	return c;
}

static bool a_policy(const char *text, unsigned *policy, int *priority)
{
	static const struct {
		const char *name;
		unsigned policy;
	} names[] = { { "normal", SCHED_NORMAL },
		      { "batch", SCHED_BATCH },
		      { "idle", SCHED_IDLE },
		      { "ext", SCHED_EXT },
		      { "deadline", SCHED_DEADLINE } };
	uint64_t n;

	*priority = 0;
	if (!text)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i].name)) {
			*policy = names[i].policy;
			return true;
		}
	}
	if (strncmp(text, "fifo:", 5) != 0 && strncmp(text, "rr:", 3) != 0)
		return false;
	*policy = *text == 'f' ? SCHED_FIFO : SCHED_RR;
	if (!number(strchr(text, ':') + 1, &n) || n < 1 || n > 99)
		return false;
	*priority = (int)n;
	return true;
}

/* ---- task ---- */

static bool a_nice(const char *text, int *ret)
{
	char *end;
	long n = text ? strtol(text, &end, 10) : 0;

	if (!text || end == text || *end || n < -20 || n > 19)
		return false;
	*ret = (int)n;
	return true;
}

static int read_option(struct reader *r, struct scxm_wl_group *g, char *option)
{
	char *value = strchr(option, '=');
	const char *end;
	bool good = false;

	if (!strcmp(option, "template")) {
		g->template = true;
		return 0;
	}
	if (value) {
		*value++ = '\0';
		if (!strcmp(option, "nice"))
			good = a_nice(value, &g->nice);
		else if (!strcmp(option, "cpus"))
			good = scxm_cpulist_parse(value, r->m->nr_cpus, &g->cpus);
		else if (!strcmp(option, "cgroup"))
			good = (g->cgroup = a_cgroup(r, value)) != NULL;
		else if (!strcmp(option, "policy"))
			good = a_policy(value, &g->policy, &g->rt_priority);
		else if (!strcmp(option, "from"))
			good = one_time(value, &g->from_ns, &end) && !*end;
	}
	return good ? 0 : fail(r, -EINVAL, "no option of a task, or a wrong value:", option);
}

static int read_step(struct reader *r, char *text, struct scxm_wl_step *step)
{
	static const char *const names[] = { "run",   "sleep", "until", "wait",	 "wake", "fork",
					     "yield", "exit",  "pin",	"unpin", "times" };
	struct reader inner = *r;
	char *verb, *arg, *more;
	unsigned i = 0;
	bool good;

	inner.at = text;
	verb = word(&inner);
	arg = word(&inner);
	more = word(&inner);
	while (verb && i < sizeof(names) / sizeof(names[0]) && strcmp(verb, names[i]) != 0)
		i++;
	*step = (struct scxm_wl_step){ .verb = (enum scxm_wl_verb)i };
	switch (i) {
	case SCXM_WL_RUN:
	case SCXM_WL_SLEEP:
	case SCXM_WL_UNTIL:
		good = a_time(arg, &step->time) && !more;
		break;
	case SCXM_WL_WAIT:
	case SCXM_WL_WAKE:
		step->channel = a_channel(r, arg);
		step->sync = more && i == SCXM_WL_WAKE && !strcmp(more, "sync");
		good = step->channel && (!more || step->sync);
		break;
	case SCXM_WL_FORK:
		step->group = arg ? find_group(r, arg) : NULL;
		good = step->group && !more;
		break;
	case SCXM_WL_TIMES:
		good = number(arg, &step->times) && step->times && !more;
		break;
	default:
		good = verb && i < sizeof(names) / sizeof(names[0]) && !arg;
		break;
	}
	return good ? 0 : fail(r, -EINVAL, "no step of a task:", verb ? verb : "");
}

static int read_steps(struct reader *r, struct scxm_wl_group *g, char *text)
{
	struct scxm_wl_step steps[STEPS_MOST];
	char *one;
	int err;

	while ((one = strsep(&text, ";"))) {
		if (one[strspn(one, " \t")] == '\0')
			continue;
		if (g->nr_steps == STEPS_MOST)
			return fail(r, -E2BIG, "too many steps", NULL);
		err = read_step(r, one, &steps[g->nr_steps]);
		if (err)
			return err;
		g->nr_steps++;
	}
	if (!g->nr_steps)
		return fail(r, -EINVAL, "a task without steps", NULL);
	g->steps = calloc(g->nr_steps, sizeof(*g->steps));
	if (!g->steps)
		return -ENOMEM;
	memcpy(g->steps, steps, g->nr_steps * sizeof(*g->steps));
	return 0;
}

/* task NAME[COUNT] OPTION... : STEP; STEP ... */
static int read_task(struct reader *r)
{
	char *steps = strstr(r->at, " :"), *name, *option, *bracket;
	struct scxm_wl_group *g;
	uint64_t n = 1;
	int err = 0;

	if (!steps)
		return fail(r, -EINVAL, "a task needs \" : \" before its steps", NULL);
	*steps = '\0';
	name = word(r);
	bracket = name ? strchr(name, '[') : NULL;
	if (bracket) {
		char *close = strchr(bracket, ']');

		*bracket = '\0';
		if (close)
			*close = '\0';
		if (!close || !number(bracket + 1, &n) || !n || n > TASKS_MOST)
			return fail(r, -EINVAL, "a wrong number of tasks", NULL);
	}
	if (!name || !*name || strlen(name) >= TASK_COMM_LEN || find_group(r, name))
		return fail(r, -EINVAL, "no name for new tasks, up to 15 characters:", name);
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	memcpy(g->name, name, strlen(name) + 1);
	g->count = (unsigned)n;
	g->cpus = r->m->possible;
	*r->last_group = g;
	r->last_group = &g->next;
	while (!err && (option = word(r)))
		err = read_option(r, g, option);
	return err ? err : read_steps(r, g, steps + 2);
}

/* ---- the other lines ---- */

/* cgroup /NAME [weight=N] */
static int read_cgroup(struct reader *r)
{
	char *path = word(r), *option = word(r);
	struct scxm_cgroup *parent = r->m->root_cgroup, *g;
	uint64_t weight = CGROUP_WEIGHT_DFL;
	char *slash;
	int err;

	if (!path || *path != '/' || !path[1] || a_cgroup(r, path) ||
	    strlen(path) >= sizeof(g->name))
		return fail(r, -EINVAL, "no path for a new cgroup:", path);
	if (option && (strncmp(option, "weight=", 7) != 0 || !number(option + 7, &weight)))
		return fail(r, -EINVAL, "a cgroup has a weight=N, not", option);
	slash = strrchr(path, '/');
	if (slash != path) {
		*slash = '\0';
		parent = a_cgroup(r, path);
		*slash = '/';
		if (!parent)
			return fail(r, -ENOENT, "no parent for", path);
	}
	err = scxm_cgroup_new(r->m, parent, path, &g);
	if (!err && weight != CGROUP_WEIGHT_DFL)
		err = scxm_cgroup_set_weight(r->m, g, (uint32_t)weight);
	return err ? fail(r, err, "the cgroup cannot be made:", path) : 0;
}

static bool read_action(struct reader *r, struct scxm_wl_at *a, const char *verb)
{
	static const char *const names[] = { "start",  "online", "offline", "nice", "cpus",
					     "policy", "move",	 "weight",  "kill", "stuck" };
	unsigned i = 0, policy;
	uint64_t n;

	while (i < sizeof(names) / sizeof(names[0]) && strcmp(verb, names[i]) != 0)
		i++;
	a->action = (enum scxm_wl_action)i;
	switch (a->action) {
	case SCXM_WL_ONLINE:
	case SCXM_WL_OFFLINE:
		if (!number(word(r), &n) || n >= r->m->nr_cpus)
			return false;
		a->number = (int)n;
		return true;
	case SCXM_WL_WEIGHT:
		a->cgroup = a_cgroup(r, word(r));
		if (!a->cgroup || !number(word(r), &n) || n > 10000)
			return false;
		a->number = (int)n;
		return true;
	case SCXM_WL_STUCK:
		return true;
	default:
		break;
	}
	if (i >= sizeof(names) / sizeof(names[0]) || !a_task(r, word(r), &a->group, &a->index))
		return false;
	switch (a->action) {
	case SCXM_WL_NICE:
		return a_nice(word(r), &a->number);
	case SCXM_WL_CPUS: {
		const char *list = word(r);

		return list && scxm_cpulist_parse(list, r->m->nr_cpus, &a->cpus);
	}
	case SCXM_WL_POLICY:
		if (!a_policy(word(r), &policy, &a->priority))
			return false;
		a->number = (int)policy;
		return true;
	case SCXM_WL_MOVE:
		a->cgroup = a_cgroup(r, word(r));
		return a->cgroup != NULL;
	default:
		return true;
	}
}

/* at TIME ACTION ... */
static int read_at(struct reader *r)
{
	const char *when = word(r), *verb = word(r), *end;
	struct scxm_wl_at *a = calloc(1, sizeof(*a));
	uint64_t at;

	if (!a)
		return -ENOMEM;
	a->next = r->w->ats;
	r->w->ats = a;
	if (!when || !verb || !one_time(when, &at, &end) || *end || !read_action(r, a, verb))
		return fail(r, -EINVAL,
			    "nothing that can happen to known tasks, CPUs or cgroups:", verb);
	a->event.kind = SCXM_EV_SCRIPT;
	a->event.at = at; /* from the beginning of the workload; armed when all is read */
	return 0;
}

/* expect end none|KIND; expect share TASKS A..B; expect wait TASKS T */
static int read_expect(struct reader *r)
{
	struct scxm_wl_expect *e = calloc(1, sizeof(*e));
	const char *what, *arg, *end;
	bool good = false;
	int index;
	char *dots;

	if (!e)
		return -ENOMEM;
	e->next = r->w->expects;
	r->w->expects = e;
	(void)snprintf(e->text, sizeof(e->text), "%s", r->at); /* only quoted: may be cut off */
	what = word(r);
	if (what && !strcmp(what, "end")) {
		uint64_t kind = 0;

		e->what = SCXM_WL_END;
		arg = word(r);
		good = arg && (!strcmp(arg, "none") || number(arg, &kind));
		e->kind = (int)kind;
	} else if (what && a_task(r, word(r), &e->group, &index)) {
		arg = word(r);
		e->what = strcmp(what, "share") ? SCXM_WL_LONGEST_WAIT : SCXM_WL_SHARE;
		dots = arg ? strstr(arg, "..") : NULL;
		if (e->what == SCXM_WL_SHARE && dots) {
			*dots = '\0';
			good = number(arg, &e->least) && number(dots + 2, &e->most);
		} else if (!strcmp(what, "wait") && arg) {
			good = one_time(arg, &e->most, &end) && !*end;
		}
	}
	return good ? 0 : fail(r, -EINVAL, "nothing that can be expected:", what);
}

static int read_line(struct reader *r)
{
	char *comment = strchr(r->at, '#'), *kind;

	if (comment)
		*comment = '\0';
	kind = word(r);
	if (!kind)
		return 0;
	if (!strcmp(kind, "task"))
		return read_task(r);
	if (!strcmp(kind, "cgroup"))
		return read_cgroup(r);
	if (!strcmp(kind, "at"))
		return read_at(r);
	if (!strcmp(kind, "expect"))
		return read_expect(r);
	return fail(r, -EINVAL, "a line begins with task, cgroup, at or expect, not", kind);
}

int scxm_workload_parse(struct scxm *m, struct scxm_workload *w, const char *text, char *errbuf,
			size_t errbuf_size)
{
	char *copy = strdup(text), *rest = copy;
	struct reader r = { .m = m,
			    .w = w,
			    .errbuf = errbuf,
			    .errbuf_size = errbuf_size,
			    .last_group = &w->groups };
	int err = copy ? 0 : -ENOMEM;

	while (!err && (r.at = strsep(&rest, "\n"))) {
		r.line++;
		err = read_line(&r);
	}
	free(copy);
	return err;
}
