/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What this kernel and this process can do: each answer with its reason and, when it is a no, with
 * the remedy.
 *
 * Example:
 *
 *	struct scx_probe *p = scx_probe_new();
 *
 *	for (size_t i = 0; i < scx_probe_nr(p); i++) {
 *		const struct scx_probe_item *item = scx_probe_item(p, i);
 *
 *		printf("%s: %s. %s\n", item->name, item->reason, item->remedy);
 *	}
 *	scx_probe_free(p);
 */
#ifndef SCX_PROBE_H
#define SCX_PROBE_H

#include <stddef.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx_probe;

enum scx_answer {
	SCX_ANSWER_NO = 0,
	SCX_ANSWER_YES = 1,
	SCX_ANSWER_UNKNOWN = 2, /* cannot be found out from here */
};

/**
 * struct scx_probe_item - a question and its answer
 * @name:     "sched_ext", "btf", "kfuncs", "cap_bpf", "cap_perfmon", "cap_sys_nice", "free", ...
 * @answer:   enum scx_answer
 * @required: 1: without it no scheduler can be attached
 * @reason:   a sentence: what was found
 * @remedy:   a sentence: what helps; "" if the answer is yes
 *
 * Read it through the pointer only, do not copy it: later versions have more fields.
 */
struct scx_probe_item {
	const char *name;
	int answer;
	int required;
	const char *reason;
	const char *remedy;
};

/**
 * scx_probe_new - find out
 *
 * Looks at sysfs, procfs, the kernel's BTF and this process's capabilities; changes nothing and loads
 * nothing.
 *
 * Returns the answers, or NULL with errno: ENOMEM. Threads: safe. Cost: reads the kernel's BTF, some
 * MB for a moment. Since: 0.1
 */
SCX_API struct scx_probe *scx_probe_new(void);

/**
 * scx_probe_free - forget the answers
 * @probe: may be NULL
 *
 * Since: 0.1
 */
SCX_API void scx_probe_free(struct scx_probe *probe);

/**
 * scx_probe_ok - can a scheduler be attached?
 * @probe: the answers
 *
 * Returns 1 if no required item is a no, else 0. Since: 0.1
 */
SCX_API int scx_probe_ok(const struct scx_probe *probe);

/**
 * scx_probe_nr, scx_probe_item - the answers, the most basic first
 * @probe: the answers
 * @index: 0 .. scx_probe_nr() - 1
 *
 * Returns the number; the item, or NULL. Valid as long as @probe. Since: 0.1
 */
SCX_API size_t scx_probe_nr(const struct scx_probe *probe);
SCX_API const struct scx_probe_item *scx_probe_item(const struct scx_probe *probe, size_t index);

/**
 * scx_probe_find - an answer by its name
 * @probe: the answers
 * @name:  of an item
 *
 * Returns it, or NULL. Since: 0.1
 */
SCX_API const struct scx_probe_item *scx_probe_find(const struct scx_probe *probe,
						    const char *name);

#ifdef __cplusplus
}
#endif

#endif /* SCX_PROBE_H */
