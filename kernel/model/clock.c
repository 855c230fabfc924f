// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * A heap with four children a node: with an event for each CPU and task it is as fast as any queue
 * up to some thousand events. Invariant: heap[i]->pos == i, and a parent is not after its children.
 */
#include "clock.h"

#include <stdlib.h>

static bool before(const struct scxm_event *a, const struct scxm_event *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void put(struct scxm_clock *clock, uint32_t pos, struct scxm_event *event)
{
	clock->heap[pos] = event;
	event->pos = pos;
}

static void sift_up(struct scxm_clock *clock, struct scxm_event *event, uint32_t pos)
{
	while (pos > 1) {
		uint32_t parent = (pos + 2) / 4;

		if (!before(event, clock->heap[parent]))
			break;
		put(clock, pos, clock->heap[parent]);
		pos = parent;
	}
	put(clock, pos, event);
}

static void sift_down(struct scxm_clock *clock, struct scxm_event *event, uint32_t pos)
{
	for (;;) {
		uint32_t child = 4 * pos - 2, last = child + 3, least = child;

		if (child > clock->nr)
			break;
		if (last > clock->nr)
			last = clock->nr;
		while (++child <= last) {
			if (before(clock->heap[child], clock->heap[least]))
				least = child;
		}
		if (!before(clock->heap[least], event))
			break;
		put(clock, pos, clock->heap[least]);
		pos = least;
	}
	put(clock, pos, event);
}

static bool grow(struct scxm_clock *clock)
{
	uint32_t room = clock->room ? clock->room * 2 : 64;
	struct scxm_event **heap;

	heap = realloc(clock->heap, room * sizeof(*heap));
	if (!heap) {
		clock->lost = true;
		return false;
	}
	clock->heap = heap;
	clock->room = room;
	return true;
}

void scxm_event_arm(struct scxm_clock *clock, struct scxm_event *event, uint64_t at)
{
	bool later;

	if (event->pos) {
		later = at >= event->at;
		event->at = at;
		event->seq = ++clock->seq;
		if (later)
			sift_down(clock, event, event->pos);
		else
			sift_up(clock, event, event->pos);
		return;
	}
	if (clock->nr + 1 >= clock->room && !grow(clock))
		return;
	event->at = at;
	event->seq = ++clock->seq;
	sift_up(clock, event, ++clock->nr);
}

void scxm_event_disarm(struct scxm_clock *clock, struct scxm_event *event)
{
	struct scxm_event *last;
	uint32_t pos = event->pos;

	if (!pos)
		return;
	event->pos = 0;
	last = clock->heap[clock->nr--];
	if (last == event)
		return;
	if (before(last, event))
		sift_up(clock, last, pos);
	else
		sift_down(clock, last, pos);
}

struct scxm_event *scxm_clock_pop(struct scxm_clock *clock)
{
	struct scxm_event *event = clock->heap[1];

	scxm_event_disarm(clock, event);
	if (event->at > clock->now)
		clock->now = event->at;
	clock->popped++;
	return event;
}

void scxm_clock_free(struct scxm_clock *clock)
{
	free(clock->heap);
	*clock = (struct scxm_clock){ 0 };
}
