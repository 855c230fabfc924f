/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The table of --stats, and rounds. Loads are shown in CPUs' worth of weight 100, which is what a
 * reader can compare with the number of CPUs.
 */
#include "view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include <scx/stats.h>

#define LIST_BYTES 4096 /* of a CPU list: the longest that a domain of 1024 CPUs can have */

int view_begin(struct view *view, struct scx *scx)
{
	*view = (struct view){ .scx = scx };
	view->snapshot = scx_snapshot_new(scx);
	view->stats = calloc(SCX_STATS_MAX, sizeof(*view->stats));
	if (!view->snapshot || !view->stats)
		return -errno;
	while (scx_stat_name(scx, view->nr_stats))
		view->nr_stats++;
	return 0;
}

void view_end(struct view *view)
{
	scx_snapshot_free(view->snapshot);
	free(view->stats);
}

void view_count(struct view *view, const struct scx_round *round)
{
	if (!round || !round->moved)
		return;
	for (size_t i = 0; i < round->plan->move_count; i++) {
		const struct scx_plan_move *move = scx_plan_at(round->plan, i);

		if (move->from < SCX_DOMAIN_MAX && move->to < SCX_DOMAIN_MAX) {
			view->out[move->from]++;
			view->in[move->to]++;
		}
	}
}

static void print_stats(struct view *view, FILE *out)
{
	uint64_t now[SCX_STATS_MAX];
	int nr = scx_stat_read(view->scx, now, SCX_STATS_MAX);
	bool any = false;

	for (int i = 0; i < nr && (unsigned)i < view->nr_stats; i++) {
		/* After a restart the counters begin anew. */
		uint64_t growth = now[i] >= view->stats[i] ? now[i] - view->stats[i] : now[i];

		if (growth) {
			(void)fprintf(out, "%s%s %" PRIu64, any ? ", " : "  ",
				      scx_stat_name(view->scx, (unsigned)i), growth);
			any = true;
		}
		view->stats[i] = now[i];
	}
	if (any)
		(void)fputc('\n', out);
}

int view_print(struct view *view, FILE *out)
{
	int err = scx_snapshot_read_domains(view->snapshot);
	size_t nr = scx_snapshot_nr_domains(view->snapshot);

	if (err)
		return err;
	(void)fprintf(out, "%8s %5s %5s %10s %10s %9s %9s %9s\n", "domain", "node", "CPUs", "load",
		      "runnable", "waiting", "moved in", "moved out");
	for (size_t i = 0; i < nr; i++) {
		const struct scx_domain_info *d = scx_snapshot_domain(view->snapshot, i);
		uint32_t waiting = d->nr_tasks > d->nr_cpus ? d->nr_tasks - d->nr_cpus : 0;

		(void)fprintf(out, "%8u %5d %5u %10.2f %10.2f %9u %9" PRIu64 " %9" PRIu64 "\n",
			      d->domain, d->node, d->nr_cpus, (double)d->load / 100 / SCX_LOAD_ONE,
			      (double)d->runnable / SCX_LOAD_ONE, waiting, view->in[d->domain],
			      view->out[d->domain]);
	}
	print_stats(view, out);
	(void)fflush(out);
	return 0;
}

void view_round(FILE *out, const struct scx_round *round, bool explain)
{
	static const char *const kinds[] = {
		[SCX_ROUND_BEGUN] = "counters read for the first time",
		[SCX_ROUND_CALM] = "no domain has too much or too little",
		[SCX_ROUND_LOOKED] = "the load is new, a plan follows",
		[SCX_ROUND_PLANNED] = "planned",
	};
	char words[256];

	(void)fprintf(out, "round %" PRIu64 ": %s", round->number, kinds[round->kind]);
	if (round->kind == SCX_ROUND_PLANNED)
		(void)fprintf(
			out,
			" %zu moves (%zu made, %zu of them at once, %zu refused); pressure %u..%u per mille, after it %u..%u",
			round->plan->move_count, round->moved, round->queued, round->refused,
			round->plan->min_before_ppt, round->plan->max_before_ppt,
			round->plan->min_after_ppt, round->plan->max_after_ppt);
	(void)fprintf(out, "; the next one in %.2f s\n", (double)round->pause_ns / 1e9);
	for (size_t i = 0; explain && i < round->plan->move_count; i++)
		if (scx_plan_explain(scx_plan_at(round->plan, i), words, sizeof(words)) > 0)
			(void)fprintf(out, "  %s\n", words);
	(void)fflush(out);
}

void view_domains(FILE *out, const struct scx_topology *topology,
		  const struct scx_partition *partition)
{
	char text[LIST_BYTES];

	if (scx_topology_describe(topology, text, sizeof(text)) == 0)
		(void)fprintf(out, "%s\n", text);
	if (scx_partition_describe(partition, text, sizeof(text)) == 0)
		(void)fprintf(out, "%s\n", text);
	for (unsigned d = 0; d < scx_partition_count(partition); d++) {
		if (scx_partition_cpu_list(partition, d, text, sizeof(text)))
			(void)snprintf(text, sizeof(text), "...");
		(void)fprintf(out, "  domain %u: CPUs %s (%u cores", d, text,
			      scx_partition_cores(partition, d));
		if (scx_partition_node(partition, d) >= 0)
			(void)fprintf(out, ", node %d", scx_partition_node(partition, d));
		(void)fprintf(out, ")\n");
	}
}

void view_domains_json(FILE *out, const struct scx_partition *partition)
{
	struct json_object *list = json_object_new_array();
	char text[LIST_BYTES];

	for (unsigned d = 0; list && d < scx_partition_count(partition); d++) {
		struct json_object *domain = json_object_new_object();

		if (scx_partition_cpu_list(partition, d, text, sizeof(text)))
			text[0] = '\0';
		json_object_object_add(domain, "domain", json_object_new_int64(d));
		json_object_object_add(domain, "cpus", json_object_new_string(text));
		json_object_object_add(domain, "cores",
				       json_object_new_int64(scx_partition_cores(partition, d)));
		json_object_object_add(domain, "capacity",
				       json_object_new_int64(scx_partition_capacity(partition, d)));
		json_object_object_add(domain, "node",
				       json_object_new_int64(scx_partition_node(partition, d)));
		json_object_array_add(list, domain);
	}
	(void)fprintf(out, "%s\n",
		      json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY |
								   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
}
