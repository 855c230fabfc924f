/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Simulated time: the events to come, in the order (time, sequence of arming). The order is total,
 * so it does not depend on the heap's shape. An event is part of what it belongs to (a CPU, a task,
 * a timer); arming it again moves it.
 */
#ifndef SCXM_CLOCK_H
#define SCXM_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scxm_event {
	uint64_t at;
	uint64_t seq;
	uint32_t pos; /* in the heap, from 1; 0: not armed */
	uint16_t kind;
	uint16_t pad;
};

struct scxm_clock {
	uint64_t now;
	uint64_t seq;
	uint64_t popped;
	struct scxm_event **heap; /* [1..nr] */
	uint32_t nr;
	uint32_t room;
	bool lost; /* no memory for an event: the run cannot go on */
};

void scxm_clock_free(struct scxm_clock *clock);
void scxm_event_arm(struct scxm_clock *clock, struct scxm_event *event, uint64_t at);
void scxm_event_disarm(struct scxm_clock *clock, struct scxm_event *event);
/* The earliest event, without taking it; NULL: none is armed. */
static inline struct scxm_event *scxm_clock_peek(const struct scxm_clock *clock)
{
	return clock->nr ? clock->heap[1] : NULL;
}
/* Takes the earliest event and moves time to it. */
struct scxm_event *scxm_clock_pop(struct scxm_clock *clock);

static inline bool scxm_event_armed(const struct scxm_event *event)
{
	return event->pos != 0;
}

#endif
