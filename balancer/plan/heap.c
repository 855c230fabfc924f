/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Heaps of domains, each of which knows its place, so that it can be put, moved and taken out from
 * anywhere. Of equal pressures the smaller id comes first, then the smaller number: the order of the
 * caller's arrays decides only between domains that nothing tells apart.
 */
#include "plan.h"

static bool before(const struct scx_planner *p, const struct scxi_heap *heap, uint32_t a,
		   uint32_t b)
{
	const struct scxi_domain *x = &p->domain[a], *y = &p->domain[b];

	if (x->pressure != y->pressure)
		return (x->pressure < y->pressure) == (heap->kind == SCXI_HEAP_MIN);
	if (x->id != y->id)
		return x->id < y->id;
	return a < b;
}

static void place(struct scx_planner *p, struct scxi_heap *heap, uint32_t at, uint32_t domain)
{
	heap->at[at] = domain;
	p->domain[domain].heap_at[heap->kind] = at;
}

static uint32_t sift_up(struct scx_planner *p, struct scxi_heap *heap, uint32_t at, uint32_t domain)
{
	while (at && before(p, heap, domain, heap->at[(at - 1) / 2])) {
		place(p, heap, at, heap->at[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	place(p, heap, at, domain);
	return at;
}

static void sift_down(struct scx_planner *p, struct scxi_heap *heap, uint32_t at, uint32_t domain)
{
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= heap->count)
			break;
		if (child + 1 < heap->count &&
		    before(p, heap, heap->at[child + 1], heap->at[child]))
			child++;
		if (!before(p, heap, heap->at[child], domain))
			break;
		place(p, heap, at, heap->at[child]);
		at = child;
	}
	place(p, heap, at, domain);
}

bool scxi_heap_has(const struct scx_planner *p, const struct scxi_heap *heap, uint32_t domain)
{
	return p->domain[domain].heap_at[heap->kind] != SCXI_NONE;
}

/* Puts a domain in, or to its new place when its pressure has changed. */
void scxi_heap_put(struct scx_planner *p, struct scxi_heap *heap, uint32_t domain)
{
	uint32_t at = p->domain[domain].heap_at[heap->kind];

	if (at == SCXI_NONE)
		at = heap->count++;
	at = sift_up(p, heap, at, domain);
	sift_down(p, heap, at, domain);
}

void scxi_heap_remove(struct scx_planner *p, struct scxi_heap *heap, uint32_t domain)
{
	uint32_t at = p->domain[domain].heap_at[heap->kind];
	uint32_t last;

	if (at == SCXI_NONE)
		return;
	p->domain[domain].heap_at[heap->kind] = SCXI_NONE;
	last = heap->at[--heap->count];
	if (last == domain)
		return;
	at = sift_up(p, heap, at, last);
	sift_down(p, heap, at, last);
}
