// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * The debug dump, in the kernel's words and layout (kernel/sched/ext/ext.c: scx_dump_state()); there
 * are no stacks to trace here.
 */
#include "dump.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "call.h"
#include "core.h"
#include "dsq.h"
#include "task.h"

static void put(struct scxm *m, const char *text)
{
	size_t n = strlen(text);

	if (m->dump.used >= m->dump.size)
		return;
	if (n > m->dump.size - m->dump.used)
		n = m->dump.size - m->dump.used;
	memcpy(m->dump.out + m->dump.used, text, n);
	m->dump.used += n;
}

__attribute__((format(printf, 2, 3))) static void line(struct scxm *m, const char *fmt, ...)
{
	char text[SCX_EXIT_MSG_LEN + 64];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* longer lines are cut off */
	va_end(args);
	put(m, text);
	put(m, "\n");
}

/* The scheduler's own lines are indented. */
static void begin(struct scxm *m, const char *prefix)
{
	m->dump.cpu = m->cpu;
	m->dump.first = true;
	m->dump.cursor = 0;
	m->dump.prefix = prefix;
}

static void flush(struct scxm *m)
{
	if (!m->dump.cursor)
		return;
	if (m->dump.first) {
		put(m, "\n");
		m->dump.first = false;
	}
	m->dump.line[m->dump.cursor] = '\0';
	line(m, "%s%s", m->dump.prefix, m->dump.line);
	m->dump.cursor = 0;
}

static void finish(struct scxm *m)
{
	flush(m);
	m->dump.cpu = -1;
}

void scxm_dump_text(struct scxm *m, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			flush(m);
		else if (m->dump.cursor + 1 < sizeof(m->dump.line))
			m->dump.line[m->dump.cursor++] = *text;
	}
}

static char state_char(const struct task_struct *p)
{
	return p->__state == TASK_RUNNING ? 'R' : p->__state == TASK_DEAD ? 'X' : 'S';
}

static void dump_task(struct scxm *m, struct scxm_cpu *cpu, struct scx_dump_ctx *ctx,
		      struct task_struct *p, char marker)
{
	char dsq[24] = "(n/a)";
	int64_t ms =
		((int64_t)p->scx.runnable_at - (int64_t)ctx->at_jiffies) * 1000 / (int64_t)m->hz;

	if (p->scx.dsq)
		(void)snprintf(dsq, sizeof(dsq), "0x%llx", (unsigned long long)p->scx.dsq->id);
	put(m, "\n");
	line(m, " %c%c %s[%d] *root %+lldms", marker, state_char(p), p->comm, p->pid,
	     (long long)ms);
	line(m, "      scx_state/flags=%u/0x%x dsq_flags=0x%x ops_state/qseq=%llu/%llu",
	     (p->scx.flags & SCX_TASK_STATE_MASK) >> SCX_TASK_STATE_SHIFT,
	     p->scx.flags & ~(u32)SCX_TASK_STATE_MASK, p->scx.dsq_flags,
	     (unsigned long long)(p->scx.ops_state & 3),
	     (unsigned long long)(p->scx.ops_state >> SCX_OPSS_QSEQ_SHIFT));
	line(m, "      sticky/holding_cpu=%d/%d dsq_id=%s", p->scx.sticky_cpu, p->scx.holding_cpu,
	     dsq);
	line(m, "      dsq_vtime=%llu slice=%llu weight=%u", (unsigned long long)p->scx.dsq_vtime,
	     (unsigned long long)p->scx.slice, p->scx.weight);
	if (SCXM_HAS(m, dump_task)) {
		begin(m, "    ");
		SCXM_CALL_VOID(m, dump_task, cpu, p, NULL, 0, ctx, p);
		finish(m);
	}
}

static void dump_cpu(struct scxm *m, struct scxm_cpu *cpu, struct scx_dump_ctx *ctx)
{
	struct list_head *list = &cpu->rq.scx.runnable_list;
	bool idle = scxm_list_empty(list) && scxm_is_idle(cpu);
	struct task_struct *curr = cpu->rq.curr;
	size_t before = m->dump.used, head;

	if (idle && !SCXM_HAS(m, dump_cpu))
		return;
	put(m, "\n");
	line(m, "CPU %-4d: nr_run=%u flags=0x%x cpu_rel=%d ksync=%lu", scxm_cpu_nr(cpu),
	     cpu->rq.scx.nr_running, cpu->rq.scx.flags, cpu->rq.scx.cpu_released,
	     cpu->rq.scx.kick_sync);
	line(m, "          curr=%s[%d] class=%s_sched_class", curr->comm, curr->pid,
	     scxm_class(curr)->name);
	head = m->dump.used;
	if (SCXM_HAS(m, dump_cpu)) {
		begin(m, "  ");
		SCXM_CALL_VOID(m, dump_cpu, cpu, NULL, NULL, scxm_cpu_nr(cpu), ctx,
			       scxm_cpu_nr(cpu), idle);
		finish(m);
	}
	if (idle) {
		/* An idle CPU is worth its lines if the scheduler says something about it. */
		if (m->dump.used == head)
			m->dump.used = before;
		return;
	}
	if (scxm_on_ext(curr))
		dump_task(m, cpu, ctx, curr, '*');
	for (struct list_head *at = list->next; at != list; at = at->next)
		dump_task(m, cpu, ctx, scxm_container(at, struct task_struct, scx.runnable_node),
			  ' ');
}

static void dump_events(struct scxm *m)
{
	put(m, "\n");
	line(m, "Event counters");
	line(m, "--------------");
#define SCXM_EVENT(name, since)                                                                    \
	do {                                                                                       \
		int64_t sum = 0;                                                                   \
		for (uint32_t i = 0; i < m->nr_cpus; i++)                                          \
			sum += m->cpus[i].events.name;                                             \
		if (scxm_posed_since(m, (since) >> 8, (since) & 255))                              \
			line(m, "%40s: %16lld", #name, (long long)sum);                            \
	} while (0);
#include "include/scxm/events.h"
#undef SCXM_EVENT
}

void scxm_dump(struct scxm *m)
{
	static const char cut[] = "\n\n~~~~ TRUNCATED ~~~~\n";
	const struct scx_exit_info *info = &m->sched.info;
	struct scx_dump_ctx ctx = {
		.kind = info->kind,
		.exit_code = info->exit_code,
		.reason = info->reason,
		.at_ns = scxm_now(m),
		.at_jiffies = scxm_jiffies(m),
	};
	struct task_struct *curr = scxm_current(m);

	m->dump.out = m->sched.dump;
	m->dump.size = m->sched.dump_bytes;
	m->dump.used = 0;
	line(m, "%s: root", m->sched.ops.name);
	line(m, "%s[%d] triggered exit kind %d on CPU %d:", curr->comm, curr->pid, (int)info->kind,
	     info->exit_cpu);
	line(m, "  %s (%s)", info->reason, info->msg);
	if (SCXM_HAS(m, dump)) {
		begin(m, "");
		SCXM_CALL_VOID(m, dump, NULL, NULL, NULL, 0, &ctx);
		finish(m);
	}
	put(m, "\n");
	line(m, "CPU states");
	line(m, "----------");
	if (info->exit_cpu >= 0)
		dump_cpu(m, &m->cpus[info->exit_cpu], &ctx);
	for (uint32_t i = 0; i < m->nr_cpus; i++) {
		if ((int)i != info->exit_cpu)
			dump_cpu(m, &m->cpus[i], &ctx);
	}
	dump_events(m);
	if (m->dump.used >= m->dump.size && m->dump.size >= sizeof(cut))
		memcpy(m->dump.out + m->dump.size - sizeof(cut), cut, sizeof(cut));
	else if (m->dump.used < m->dump.size)
		m->dump.out[m->dump.used] = '\0';
	m->dump.cpu = -1;
}
