/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Walks the table of docs/states.md: see state_walk.h.
 *
 * A handle serves one cell after the other until a call changes its state; the next cell then gets
 * a new one. So calls that are not to change the state are also tried one after the other.
 */
#include "state_walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/libbpf.h>
#include <scx/partition.h>
#include <scx/scx.h>
#include <scx/snapshot.h>
#include <scx/stats.h>
#include <scx/task.h>
#include <scx/tunable.h>

#define ROWS_MAX 64
#define CELL_BYTES 32

static const char *const states[] = { "",	    "opened", "loaded",	  "attached",
				      "restarting", "ended",  "detached", "child" };

struct row {
	char name[CELL_BYTES];
	char cells[WALK_CHILD + 1][CELL_BYTES]; /* from WALK_OPENED on */
};

struct walk {
	const struct walk_kernel *kernel;
	struct scx *scx;
};

/* What calls give: text for a cell. */
static const char *status(int result)
{
	static char text[CELL_BYTES];

	if (result > 0)
		return "a number";
	(void)snprintf(text, sizeof(text), "%s%s", result ? "-" : "",
		       result ? strerrorname_np(-result) : "0");
	return text;
}

static const char *count(int64_t result)
{
	return result < 0 ? status((int)result) : "n";
}

static const char *pointer(const void *result)
{
	return result ? "pointer" : "NULL";
}

static const char *load(struct walk *w)
{
	return status(scx_load(w->scx));
}

static const char *attach(struct walk *w)
{
	w->kernel->make_room(w->kernel->arg);
	return status(scx_attach(w->scx));
}

static const char *detach(struct walk *w)
{
	return status(scx_detach(w->scx));
}

static const char *close_it(struct walk *w)
{
	errno = ENOTTY;
	scx_close(w->scx);
	w->scx = NULL;
	return errno == ENOTTY ? "done" : "errno changed";
}

static const char *state(struct walk *w)
{
	return count(scx_state(w->scx));
}

static const char *name(struct walk *w)
{
	return pointer(scx_name(w->scx));
}

static const char *errmsg(struct walk *w)
{
	return pointer(scx_errmsg(w->scx));
}

static const char *restarts(struct walk *w)
{
	return count(scx_restarts(w->scx));
}

static const char *end(struct walk *w)
{
	return pointer(scx_end(w->scx));
}

static const char *fd(struct walk *w)
{
	return count(scx_fd(w->scx));
}

static const char *now(struct walk *w)
{
	return count((int64_t)scx_now_ns(w->scx));
}

static const char *alarm_set(struct walk *w)
{
	return status(scx_alarm_set(w->scx, scx_now_ns(w->scx)));
}

static const char *wait_for(struct walk *w)
{
	return status(scx_wait(w->scx, -1, scx_now_ns(w->scx)));
}

static const char *process(struct walk *w)
{
	return status(scx_process(w->scx));
}

static const char *run(struct walk *w)
{
	return status(scx_run(w->scx, &SCX_OPTS(scx_run_opts, .timeout_ns = 1)));
}

static const char *tunable_next(struct walk *w)
{
	return pointer(scx_tunable_next(w->scx, NULL));
}

static const char *tunable_find(struct walk *w)
{
	return pointer(scx_tunable_find(w->scx, "slice_us"));
}

static const char *tunable_get(struct walk *w)
{
	char text[64];

	return status(scx_tunable_get(w->scx, "slice_us", text, sizeof(text)));
}

static const char *tunable_get_u64(struct walk *w)
{
	uint64_t value;

	return status(scx_tunable_get_u64(w->scx, "slice_us", &value));
}

static const char *tunable_set(struct walk *w)
{
	return status(scx_tunable_set(w->scx, "slice_us", "20000"));
}

static const char *tunable_set_u64(struct walk *w)
{
	return status(scx_tunable_set_u64(w->scx, "slice_us", 20000));
}

static const char *domain_set(struct walk *w)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	CPU_SET(1, &cpus);
	return status(scx_domain_set(w->scx, 0, sizeof(cpus), &cpus));
}

static const char *domain_set_list(struct walk *w)
{
	return status(scx_domain_set_list(w->scx, 0, "0-1"));
}

static const char *domain_set_order(struct walk *w)
{
	const unsigned near[] = { 1 };

	return status(scx_domain_set_order(w->scx, 0, 0, near, 1));
}

static const char *domain_set_partition(struct walk *w)
{
	return status(scx_domain_set_partition(w->scx, w->kernel->partition));
}

static const char *domain_remove(struct walk *w)
{
	int err = scx_domain_remove(w->scx, 1);

	/* Who comes next finds it again. */
	if (!err && scx_domain_set_list(w->scx, 1, "2-3"))
		return "it does not come back";
	return status(err);
}

static const char *domain_get(struct walk *w)
{
	cpu_set_t cpus;

	return status(scx_domain_get(w->scx, 1, sizeof(cpus), &cpus));
}

static const char *domain_next(struct walk *w)
{
	return count(scx_domain_next(w->scx, 0));
}

static const char *migrate(struct walk *w)
{
	struct scx_migration_request request = { .tid = (int32_t)syscall(SYS_gettid) };

	return count(scx_migrate(w->scx, &request, 1, NULL));
}

static const char *task_join(struct walk *w)
{
	return count(scx_task_join(w->scx, 0, 0));
}

static const char *task_leave(struct walk *w)
{
	return count(scx_task_leave(w->scx, 0, 0));
}

static const char *task_set_domain(struct walk *w)
{
	return status(scx_task_set_domain(w->scx, 0, 0));
}

static const char *snapshot_new(struct walk *w)
{
	struct scx_snapshot *snapshot = scx_snapshot_new(w->scx);
	const char *result = pointer(snapshot);

	scx_snapshot_free(snapshot);
	return result;
}

static const char *snapshot_read(struct walk *w)
{
	struct scx_snapshot *snapshot = scx_snapshot_new(w->scx);
	int err = scx_snapshot_read(snapshot);

	scx_snapshot_free(snapshot);
	return status(err);
}

static const char *snapshot_read_domains(struct walk *w)
{
	struct scx_snapshot *snapshot = scx_snapshot_new(w->scx);
	int err = scx_snapshot_read_domains(snapshot);

	scx_snapshot_free(snapshot);
	return status(err);
}

static const char *snapshot_read_tasks(struct walk *w)
{
	struct scx_snapshot *snapshot = scx_snapshot_new(w->scx);
	const unsigned domains[] = { 0, 1 };
	int err = scx_snapshot_read_tasks(snapshot, domains, 2);

	scx_snapshot_free(snapshot);
	return status(err);
}

/* Of this very thread, which does not end meanwhile; of another one if it is not there. */
static const char *snapshot_comm(struct walk *w)
{
	struct scx_snapshot *snapshot = scx_snapshot_new(w->scx);
	pid_t self = (pid_t)syscall(SYS_gettid);
	size_t index = 0;
	char comm[16];
	int err;

	(void)scx_snapshot_read(snapshot); /* where that fails there is no task */
	for (size_t i = 0; i < scx_snapshot_nr_tasks(snapshot); i++)
		if (scx_snapshot_task(snapshot, i)->tid == self)
			index = i;
	err = scx_snapshot_comm(snapshot, index, comm, sizeof(comm));
	scx_snapshot_free(snapshot);
	return status(err);
}

static const char *stat_name(struct walk *w)
{
	return pointer(scx_stat_name(w->scx, 0));
}

static const char *stat_read(struct walk *w)
{
	uint64_t values[SCX_STATS_MAX];

	return count(scx_stat_read(w->scx, values, SCX_STATS_MAX));
}

static const char *stat_read_cpu(struct walk *w)
{
	uint64_t values[SCX_STATS_MAX];

	return count(scx_stat_read_cpu(w->scx, 1, values, SCX_STATS_MAX));
}

static const char *event_read(struct walk *w)
{
	struct scx_event events[4];

	return count(scx_event_read(w->scx, events, 4));
}

static const char *libbpf_object(struct walk *w)
{
	return pointer(scx_libbpf_object(w->scx));
}

static const struct {
	const char *name;
	const char *(*call)(struct walk *w);
} calls[] = {
	{ "scx_alarm_set", alarm_set },
	{ "scx_attach", attach },
	{ "scx_close", close_it },
	{ "scx_detach", detach },
	{ "scx_domain_get", domain_get },
	{ "scx_domain_next", domain_next },
	{ "scx_domain_remove", domain_remove },
	{ "scx_domain_set", domain_set },
	{ "scx_domain_set_list", domain_set_list },
	{ "scx_domain_set_order", domain_set_order },
	{ "scx_domain_set_partition", domain_set_partition },
	{ "scx_end", end },
	{ "scx_errmsg", errmsg },
	{ "scx_event_read", event_read },
	{ "scx_fd", fd },
	{ "scx_libbpf_object", libbpf_object },
	{ "scx_load", load },
	{ "scx_migrate", migrate },
	{ "scx_name", name },
	{ "scx_now_ns", now },
	{ "scx_process", process },
	{ "scx_restarts", restarts },
	{ "scx_run", run },
	{ "scx_snapshot_comm", snapshot_comm },
	{ "scx_snapshot_new", snapshot_new },
	{ "scx_snapshot_read", snapshot_read },
	{ "scx_snapshot_read_domains", snapshot_read_domains },
	{ "scx_snapshot_read_tasks", snapshot_read_tasks },
	{ "scx_stat_name", stat_name },
	{ "scx_stat_read", stat_read },
	{ "scx_stat_read_cpu", stat_read_cpu },
	{ "scx_state", state },
	{ "scx_task_join", task_join },
	{ "scx_task_leave", task_leave },
	{ "scx_task_set_domain", task_set_domain },
	{ "scx_tunable_find", tunable_find },
	{ "scx_tunable_get", tunable_get },
	{ "scx_tunable_get_u64", tunable_get_u64 },
	{ "scx_tunable_next", tunable_next },
	{ "scx_tunable_set", tunable_set },
	{ "scx_tunable_set_u64", tunable_set_u64 },
	{ "scx_wait", wait_for },
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

static bool parse_row(char *line, struct row *row)
{
	char *cell, *rest = line + 1;

	memset(row, 0, sizeof(*row));
	for (int column = 0; column <= WALK_CHILD; column++) {
		char *to = column ? row->cells[column] : row->name;
		size_t len;

		cell = strsep(&rest, "|");
		if (!cell)
			return false;
		cell += strspn(cell, " ");
		len = strcspn(cell, "\n");
		while (len && cell[len - 1] == ' ')
			len--;
		if (!len || len >= CELL_BYTES)
			return false;
		memcpy(to, cell, len);
	}
	return true;
}

/* The rows of the calls; -1 if the table is not as expected. */
static int read_table(const char *path, struct row *rows, FILE *out)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int nr = 0;

	if (!file) {
		fprintf(out, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while (nr >= 0 && getline(&line, &room, file) >= 0) {
		if (strncmp(line, "| scx_", 6) != 0)
			continue;
		if (nr == ROWS_MAX || !parse_row(line, &rows[nr])) {
			fprintf(out, "not a row of the table: %s", line);
			nr = -2;
		}
		nr++;
	}
	free(line);
	fclose(file);
	for (size_t c = 0; nr >= 0 && c < CALLS; c++) {
		int row = 0;

		while (row < nr && strcmp(rows[row].name, calls[c].name) != 0)
			row++;
		if (row == nr) {
			fprintf(out, "%s is not in the table\n", calls[c].name);
			return -1;
		}
	}
	return nr;
}

static bool try_call(struct walk *w, const struct row *row, enum walk_state at, FILE *out)
{
	const char *cell = row->cells[at], *arrow = strstr(cell, " → "), *got = "not called";
	enum walk_state before = at == WALK_CHILD ? WALK_ATTACHED : at;
	const char *after = arrow ? arrow + strlen(" → ") : states[before];
	size_t len = arrow ? (size_t)(arrow - cell) : strlen(cell);
	bool known = false;

	for (size_t c = 0; c < CALLS; c++)
		if (strcmp(calls[c].name, row->name) == 0) {
			known = true;
			got = calls[c].call(w);
		}
	if (!known || strlen(got) != len || strncmp(got, cell, len) != 0) {
		fprintf(out, "%s in state %s: %s, not %.*s (%s)\n", row->name, states[at], got,
			(int)len, cell, w->scx ? scx_errmsg(w->scx) : "");
		return false;
	}
	if (w->scx && strcmp(states[scx_state(w->scx)], after) != 0) {
		fprintf(out, "%s in state %s leaves %s, not %s\n", row->name, states[at],
			states[scx_state(w->scx)], after);
		return false;
	}
	return true;
}

/* One column, with one handle as long as that works. */
static int walk_column(struct walk *w, const struct row *rows, int nr, enum walk_state at,
		       FILE *out)
{
	int done = 0, wrong = 0;

	for (int i = 0; i < nr; i++) {
		bool right;

		if (!w->kernel->libbpf && strcmp(rows[i].name, "scx_libbpf_object") == 0)
			continue;
		if (!w->scx)
			w->scx = w->kernel->make(w->kernel->arg, at);
		if (!w->scx) {
			fprintf(out, "the state %s cannot be reached\n", states[at]);
			return -1;
		}
		right = try_call(w, &rows[i], at, out);
		if (!right || strstr(rows[i].cells[at], " → ")) {
			scx_close(w->scx);
			w->scx = NULL;
		}
		done++;
		wrong += !right;
	}
	return wrong ? -1 : done;
}

static int walk_child(struct walk *w, const struct row *rows, int nr, FILE *out)
{
	int status_of_child = 0, done = -1;
	pid_t child;

	w->scx = w->kernel->make(w->kernel->arg, WALK_ATTACHED);
	if (!w->scx) {
		fprintf(out, "the state attached cannot be reached\n");
		return -1;
	}
	fflush(out);
	child = fork();
	if (child == 0) {
		done = walk_column(w, rows, nr, WALK_CHILD, out);
		fflush(out);
		_exit(done < 0 ? 255 : done);
	}
	if (child > 0 && waitpid(child, &status_of_child, 0) == child &&
	    WIFEXITED(status_of_child) && WEXITSTATUS(status_of_child) != 255)
		done = WEXITSTATUS(status_of_child);
	else
		fprintf(out, "the child ended with status %#x\n", status_of_child);
	if (scx_process(w->scx) || scx_state(w->scx) != SCX_STATE_ATTACHED) {
		fprintf(out, "the child's calls reached the parent's scheduler\n");
		done = -1;
	}
	scx_close(w->scx);
	w->scx = NULL;
	return done;
}

int walk_states(const char *table, const struct walk_kernel *kernel, FILE *out)
{
	struct row rows[ROWS_MAX];
	struct walk w = { .kernel = kernel };
	int nr = read_table(table, rows, out), total = 0, wrong = 0;

	if (nr < 0)
		return -1;
	for (enum walk_state at = WALK_OPENED; at <= WALK_CHILD; at++) {
		int done = at == WALK_CHILD ? walk_child(&w, rows, nr, out)
					    : walk_column(&w, rows, nr, at, out);

		total += done;
		wrong += done < 0;
		scx_close(w.scx);
		w.scx = NULL;
	}
	return wrong ? -1 : total;
}
