/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What this kernel and this process can do: one function for each question, in the order in which
 * one needs to know.
 */
#include <scx/probe.h>

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caps.h"
#include "kernel_btf.h"
#include "sysfs.h"

#define ITEMS_MAX 16
#define TEXT_BYTES 384

struct scx_probe {
	struct scx_probe_item items[ITEMS_MAX];
	char reasons[ITEMS_MAX][TEXT_BYTES];
	size_t nr;
	struct scxi_state state;
};

__attribute__((format(printf, 6, 7))) static void add(struct scx_probe *p, const char *name,
						      bool required, int answer, const char *remedy,
						      const char *fmt, ...)
{
	char *reason = p->reasons[p->nr];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(reason, TEXT_BYTES, fmt, args);
	va_end(args);
	p->items[p->nr++] = (struct scx_probe_item){
		.name = name,
		.answer = answer,
		.required = required,
		.reason = reason,
		.remedy = answer == SCX_ANSWER_YES ? "" : remedy,
	};
}

static void probe_kernel(struct scx_probe *p)
{
	int err = scxi_sysfs_state(&p->state);
	char release[128] = "";

	if (scxi_sysfs_read("/proc/sys/kernel/osrelease", release, sizeof(release)) < 0)
		release[0] = '\0';
	if (err)
		add(p, "sched_ext", true, SCX_ANSWER_UNKNOWN, "Mount sysfs at /sys.",
		    "The state of sched_ext cannot be read: %s.", strerror(-err));
	else if (p->state.supported)
		add(p, "sched_ext", true, SCX_ANSWER_YES, "", "Linux %s has sched_ext.", release);
	else
		add(p, "sched_ext", true, SCX_ANSWER_NO,
		    "Use Linux 6.12 or later, built with CONFIG_SCHED_CLASS_EXT.",
		    "Linux %s has no sched_ext: there is no /sys/kernel/sched_ext.", release);
}

struct surface {
	bool ops, arena, groups;
};

static int look(void *arg, const struct scxi_kernel_btf *btf, uint32_t id, const struct btf_type *t,
		const char *name)
{
	struct surface *s = arg;

	(void)btf;
	(void)id;
	if (btf_is_struct(t) && strcmp(name, "sched_ext_ops") == 0)
		s->ops = true;
	if (btf_is_struct(t) && strcmp(name, "bpf_arena") == 0)
		s->arena = true;
	if (btf_is_func(t) && strcmp(name, "scx_bpf_task_cgroup") == 0)
		s->groups = true;
	return 0;
}

static void probe_btf(struct scx_probe *p)
{
	struct surface s = { false, false, false };
	struct scxi_kernel_btf btf;
	int err = scxi_kernel_btf_open(&btf), damaged;
	char names[256];

	if (err) {
		add(p, "btf", true, SCX_ANSWER_NO, "Use a kernel built with CONFIG_DEBUG_INFO_BTF.",
		    "The kernel's BTF, /sys/kernel/btf/vmlinux, cannot be read: %s.",
		    strerror(-err));
		return;
	}
	err = scxi_kernel_btf_walk(&btf, look, &s);
	add(p, "btf", true, err ? SCX_ANSWER_NO : SCX_ANSWER_YES,
	    "Use another build of this kernel.", "The kernel's BTF %s.",
	    err ? "is damaged" : "can be read");
	damaged = scxi_kernel_btf_damage(&btf, names, sizeof(names));
	if (damaged)
		add(p, "kfuncs", true, SCX_ANSWER_NO,
		    "Use another build of this kernel; some of 7.1 and 7.2 are known for this.",
		    "BTF is wrong for %d functions of sched_ext: %s.", damaged, names);
	else
		add(p, "kfuncs", true, s.ops ? SCX_ANSWER_YES : SCX_ANSWER_NO,
		    "Use a kernel with sched_ext.", "BTF has %s prototypes of sched_ext.",
		    s.ops ? "sound" : "no");
	add(p, "arena", false, s.arena ? SCX_ANSWER_YES : SCX_ANSWER_NO,
	    "Without it no scheduler that shares its memory can be loaded: atropos needs it.",
	    "The kernel %s arenas.", s.arena ? "has" : "has no");
	add(p, "cgroup_weights", false, s.groups ? SCX_ANSWER_YES : SCX_ANSWER_NO,
	    "Use a kernel with CONFIG_EXT_GROUP_SCHED if cpu.weight is to count.",
	    "Schedulers %s of cgroups.", s.groups ? "know" : "do not know");
	scxi_kernel_btf_close(&btf);
}

static void probe_cap(struct scx_probe *p, const char *name, enum scxi_cap cap, bool required,
		      const char *remedy)
{
	bool has = scxi_cap_has(cap);

	add(p, name, required, has ? SCX_ANSWER_YES : SCX_ANSWER_NO, remedy,
	    "This process %s it in its effective set.", has ? "has" : "does not have");
}

static void probe_process(struct scx_probe *p)
{
	probe_cap(p, "cap_bpf", SCXI_CAP_BPF, true,
		  "Run as root, or with CAP_BPF: it loads BPF programs and maps.");
	probe_cap(
		p, "cap_perfmon", SCXI_CAP_PERFMON, true,
		"Run as root, or with CAP_PERFMON: the programs of schedulers read kernel memory.");
	probe_cap(p, "cap_sys_nice", SCXI_CAP_SYS_NICE, false,
		  "Run with CAP_SYS_NICE to have other users' threads join a partial scheduler.");
}

static void probe_free(struct scx_probe *p)
{
	if (!p->state.supported)
		return;
	if (p->state.enabled)
		add(p, "free", true, SCX_ANSWER_NO,
		    "Detach it first: end the program that attached it, or press SysRq-S.",
		    "The scheduler \"%s\" is attached.",
		    p->state.name[0] ? p->state.name : "(nameless)");
	else
		add(p, "free", true, SCX_ANSWER_YES, "", "No other scheduler is attached.");
}

static void probe_isolation(struct scx_probe *p)
{
	char cmdline[4096], *rest = cmdline, *word;
	bool isolated = false;

	if (scxi_sysfs_read("/proc/cmdline", cmdline, sizeof(cmdline)) < 0)
		return;
	while ((word = strsep(&rest, " ")))
		isolated = isolated || strncmp(word, "isolcpus=", 9) == 0;
	add(p, "no_isolation", true, isolated ? SCX_ANSWER_NO : SCX_ANSWER_YES,
	    "Boot without isolcpus=: the kernel attaches no scheduler beside domain isolation; use cpusets.",
	    "The kernel was booted %s isolcpus=.", isolated ? "with" : "without");
}

struct scx_probe *scx_probe_new(void)
{
	struct scx_probe *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	probe_kernel(p);
	probe_btf(p);
	probe_process(p);
	probe_free(p);
	probe_isolation(p);
	return p;
}

void scx_probe_free(struct scx_probe *probe)
{
	free(probe);
}

int scx_probe_ok(const struct scx_probe *probe)
{
	for (size_t i = 0; i < probe->nr; i++)
		if (probe->items[i].required && probe->items[i].answer == SCX_ANSWER_NO)
			return 0;
	return 1;
}

size_t scx_probe_nr(const struct scx_probe *probe)
{
	return probe->nr;
}

const struct scx_probe_item *scx_probe_item(const struct scx_probe *probe, size_t index)
{
	return index < probe->nr ? &probe->items[index] : NULL;
}

const struct scx_probe_item *scx_probe_find(const struct scx_probe *probe, const char *name)
{
	for (size_t i = 0; i < probe->nr; i++)
		if (strcmp(probe->items[i].name, name) == 0)
			return &probe->items[i];
	return NULL;
}
