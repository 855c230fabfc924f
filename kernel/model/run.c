// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Events, one after the other. Each happens on a CPU, which interrupts what runs there; at its end
 * that CPU settles: interrupts that became due, and the switch that was asked for.
 */
#include "bypass.h"
#include "check.h"
#include "core.h"
#include "enable.h"
#include "machine.h"
#include "mask.h"
#include "task.h"
#include "timer.h"
#include "watchdog.h"

static struct scxm_cpu *cpu_of_event(struct scxm *m, struct scxm_event *event)
{
	switch (event->kind) {
	case SCXM_EV_RUN:
		return scxm_container(event, struct scxm_cpu, run);
	case SCXM_EV_RESCHED:
		return scxm_container(event, struct scxm_cpu, resched);
	case SCXM_EV_IRQ:
		return scxm_container(event, struct scxm_cpu, irq);
	case SCXM_EV_TASK:
		return scxm_cpu_of(m, &scxm_container(event, struct scxm_task, timer)->t);
	case SCXM_EV_TIMER:
		return &m->cpus[scxm_timer_cpu(event)];
	default:
		return &m->cpus[scxm_mask_first(&m->online)];
	}
}

/* The running task's work ends, or a tick that somebody notices. */
static void run_cpu(struct scxm *m, struct scxm_cpu *cpu)
{
	if (scxm_is_idle(cpu))
		return;
	scxm_update_curr(m, cpu);
	if (scxm_now(m) >= cpu->tick_at)
		scxm_tick(m, cpu);
	if (!scxm_is_idle(cpu) && !scxm_task(cpu->rq.curr)->work_ns)
		scxm_task_advance(m, cpu);
}

/* What a kernel thread does, whose own time on a CPU is not modelled. */
static void as_helper(struct scxm *m, void (*work)(struct scxm *m))
{
	m->current_other = &m->helper->t;
	work(m);
	m->current_other = NULL;
}

static void handle(struct scxm *m, struct scxm_event *event)
{
	switch (event->kind) {
	case SCXM_EV_RUN:
		run_cpu(m, scxm_this_cpu(m));
		break;
	case SCXM_EV_TASK:
		scxm_wake(m, scxm_container(event, struct scxm_task, timer), 0);
		break;
	case SCXM_EV_TIMER:
		scxm_timer_fire(m, event);
		break;
	case SCXM_EV_WATCHDOG:
		as_helper(m, scxm_watchdog_run);
		break;
	case SCXM_EV_BYPASS_LB:
		scxm_bypass_balance(m);
		break;
	case SCXM_EV_DISABLE:
		scxm_disable(m);
		break;
	case SCXM_EV_SCRIPT:
		m->script(m, event);
		break;
	default: /* an interrupt alone */
		break;
	}
}

bool scxm_run_while(struct scxm *m, uint64_t until, uint64_t events, bool attached)
{
	struct scxm_event *event;
	uint64_t at = UINT64_MAX, same = 0;

	while (!m->bug[0] && !(attached && m->end.ended) && (event = scxm_clock_peek(&m->clock)) &&
	       event->at <= until) {
		struct scxm_cpu *cpu = cpu_of_event(m, event);

		if (!events--)
			return true;
		if (event->at != at) {
			at = event->at;
			same = 0;
		} else if (++same > m->events_max) {
			scxm_bug(m, "time stands still at %llu ns", (unsigned long long)at);
			break;
		}
		(void)scxm_clock_pop(&m->clock);
		if (!scxm_mask_test(&m->online, scxm_cpu_nr(cpu)))
			cpu = &m->cpus[scxm_mask_first(&m->online)];
		m->cpu = scxm_cpu_nr(cpu);
		handle(m, event);
		scxm_settle(m);
		if (event->kind == SCXM_EV_RUN && !scxm_event_armed(&cpu->run))
			scxm_rearm(m, cpu);
	}
	if (m->clock.lost)
		scxm_bug(m, "no memory for an event");
	if (m->bug[0])
		return false;
	/* Nothing happens any more until then. */
	if (until != UINT64_MAX && m->clock.now < until && !(attached && m->end.ended))
		m->clock.now = until;
	return true;
}

bool scxm_run(struct scxm *m, uint64_t until, uint64_t events)
{
	return scxm_run_while(m, until, events, false);
}

void scxm_outside_begin(struct scxm *m)
{
	m->cpu = scxm_mask_first(&m->online);
	m->current_other = &m->helper->t;
}

void scxm_outside_end(struct scxm *m)
{
	m->current_other = NULL;
	scxm_settle(m);
}
