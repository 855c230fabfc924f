/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * --check: what the library finds out about this kernel and this process, what atropos needs beyond
 * that, and, if nothing says no, whether the kernel's verifier takes it. Nothing is attached.
 */
#include "requirements.h"

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include <scx/probe.h>
#include <scx/scx.h>

#include "machine.h"
#include "options.h"
#include "report.h"

/* An answer of ours, beside those of the library. */
struct answer {
	const char *name;
	int answer;
	char reason[1024];
	const char *remedy;
};

static struct answer check_domains(const struct options *o)
{
	struct answer a = { .name = "domains", .answer = SCX_ANSWER_NO };
	struct machine m;

	if (machine_read(&m, o, a.reason, sizeof(a.reason)) == 0) {
		a.answer = SCX_ANSWER_YES;
		a.remedy = "";
		(void)scx_partition_describe(m.partition, a.reason, sizeof(a.reason));
		machine_end(&m);
	} else {
		a.remedy = "Say the domains by hand: --domains \"0-3;4-7\".";
	}
	return a;
}

static struct answer check_verifier(void)
{
	struct answer a = { .name = "verifier", .answer = SCX_ANSWER_NO };
	struct scx *s = scx_open("atropos", &SCX_OPTS(scx_open_opts, .errbuf = a.reason,
						      .errbuf_size = sizeof(a.reason)));

	a.remedy = "Report it with this text: every kernel from 6.16 on should take it.";
	if (s && scx_load(s) == 0) {
		a.answer = SCX_ANSWER_YES;
		a.remedy = "";
		(void)snprintf(a.reason, sizeof(a.reason), "The kernel's verifier takes atropos.");
	} else if (s) {
		(void)snprintf(a.reason, sizeof(a.reason), "%s", scx_errmsg(s));
	}
	scx_close(s);
	return a;
}

static const char *word(int answer)
{
	return answer == SCX_ANSWER_YES ? "yes" : answer == SCX_ANSWER_NO ? "no" : "unknown";
}

static void print(FILE *out, const char *name, int answer, bool required, const char *reason,
		  const char *remedy)
{
	(void)fprintf(out, "%-16s %-8s%s%s\n", name, word(answer),
		      required || answer != SCX_ANSWER_NO ? "" : "(not required) ", reason);
	if (answer == SCX_ANSWER_NO && *remedy)
		(void)fprintf(out, "%-16s         -> %s\n", "", remedy);
}

static void add(struct json_object *list, const char *name, int answer, bool required,
		const char *reason, const char *remedy)
{
	struct json_object *item = json_object_new_object();

	json_object_object_add(item, "name", json_object_new_string(name));
	json_object_object_add(item, "answer", json_object_new_string(word(answer)));
	json_object_object_add(item, "required", json_object_new_boolean(required));
	json_object_object_add(item, "reason", json_object_new_string(reason));
	json_object_object_add(item, "remedy", json_object_new_string(remedy));
	json_object_array_add(list, item);
}

/* Which of the library's answers atropos needs to be a yes. */
static bool needs(const struct scx_probe_item *item)
{
	return item->required || !strcmp(item->name, "arena");
}

int requirements_check(FILE *out, const struct options *o)
{
	struct scx_probe *probe = scx_probe_new();
	struct json_object *list = o->json ? json_object_new_array() : NULL;
	struct answer own[2];
	unsigned nr_own = 0;
	bool ok = true;

	if (!probe || (o->json && !list)) {
		(void)fprintf(stderr, "scx-atropos: %s\n", strerror(errno));
		scx_probe_free(probe);
		return REPORT_FAILED;
	}
	for (size_t i = 0; i < scx_probe_nr(probe); i++) {
		const struct scx_probe_item *item = scx_probe_item(probe, i);

		ok = ok && !(needs(item) && item->answer == SCX_ANSWER_NO);
		if (list)
			add(list, item->name, item->answer, needs(item), item->reason,
			    item->remedy);
		else
			print(out, item->name, item->answer, needs(item), item->reason,
			      item->remedy);
	}
	scx_probe_free(probe);
	own[nr_own++] = check_domains(o);
	if (ok)
		own[nr_own++] = check_verifier();
	for (unsigned i = 0; i < nr_own; i++) {
		ok = ok && own[i].answer == SCX_ANSWER_YES;
		if (list)
			add(list, own[i].name, own[i].answer, true, own[i].reason, own[i].remedy);
		else
			print(out, own[i].name, own[i].answer, true, own[i].reason, own[i].remedy);
	}
	if (list) {
		struct json_object *all = json_object_new_object();

		json_object_object_add(all, "runs", json_object_new_boolean(ok));
		json_object_object_add(all, "requirements", list);
		(void)fprintf(
			out, "%s\n",
			json_object_to_json_string_ext(
				all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(all);
	} else {
		(void)fprintf(out, "scx-atropos %s here.\n", ok ? "runs" : "does not run");
	}
	return ok ? 0 : REPORT_NOT_ATTACHED;
}
