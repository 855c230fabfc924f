// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * bpf_timer: a value of a map that calls back. The opaque words in the map point to ours; the callback
 * gets the map, the key and the value, and runs on the CPU that armed it.
 */
#include "timer.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "call.h"
#include "kf.h"
#include "map.h"

#define START_ABS 1ULL /* BPF_F_TIMER_ABS */

struct timer {
	struct scxm_event event;
	struct list_head all;
	struct bpf_timer *value;
	void *map; /* the scheduler's variable */
	int (*callback)(void *map, void *key, void *value);
	int cpu;
};

static struct timer *timer_of(struct bpf_timer *timer)
{
	return *(struct timer **)(void *)timer;
}

long scxm_h_timer_init(struct bpf_timer *value, void *map, u64 flags)
{
	struct timer *t;

	(void)flags; /* which clock: there is one here */
	if (timer_of(value))
		return -EBUSY;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->event.kind = SCXM_EV_TIMER;
	t->value = value;
	t->map = map;
	scxm_list_add_tail(&t->all, &scxm_here->timers);
	*(struct timer **)(void *)value = t;
	return 0;
}

long scxm_h_timer_callback(struct bpf_timer *value, void *fn)
{
	struct timer *t = timer_of(value);

	if (!t)
		return -EINVAL;
	*(void **)&t->callback = fn;
	return 0;
}

long scxm_h_timer_start(struct bpf_timer *value, u64 ns, u64 flags)
{
	struct timer *t = timer_of(value);
	struct scxm *m = scxm_here;

	if (!t || !t->callback)
		return -EINVAL;
	t->cpu = m->cpu;
	scxm_event_arm(&m->clock, &t->event, flags & START_ABS ? ns : scxm_now(m) + ns);
	return 0;
}

long scxm_h_timer_cancel(struct bpf_timer *value)
{
	struct timer *t = timer_of(value);
	bool armed;

	if (!t)
		return -EINVAL;
	armed = scxm_event_armed(&t->event);
	scxm_event_disarm(&scxm_here->clock, &t->event);
	return armed;
}

int scxm_timer_cpu(const struct scxm_event *event)
{
	return scxm_container(event, const struct timer, event)->cpu;
}

void scxm_timer_fire(struct scxm *m, struct scxm_event *event)
{
	struct timer *t = scxm_container(event, struct timer, event);
	struct scxm_map *map = *(struct scxm_map **)t->map;
	struct scxm_frame frame;
	uint32_t key = 0;

	if (map->data)
		key = (uint32_t)((size_t)((unsigned char *)t->value - map->data) / map->stride);
	scxm_enter_call(m, &frame, SCXM_OP_timer, NULL, NULL, NULL);
	(void)t->callback(t->map, &key, t->value); /* the kernel takes 0 only, and ignores it */
	scxm_leave_call(m, &frame);
}

void scxm_timers_free(struct scxm *m)
{
	while (!scxm_list_empty(&m->timers)) {
		struct timer *t = scxm_container(m->timers.next, struct timer, all);

		scxm_event_disarm(&m->clock, &t->event);
		scxm_list_del(&t->all);
		free(t);
	}
}
