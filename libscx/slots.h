/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The walk over task slots in a scheduler's memory. Inline: it is the innermost loop of a balancer.
 */
#ifndef SCXI_SLOTS_H
#define SCXI_SLOTS_H

#include "memory.h"

struct scxi_slots {
	const struct scxi_memory *memory;
	const uint32_t *chunks;
	uint32_t nr_chunks;
	uint32_t next_chunk;
	const struct scx_task_slot *slot, *end; /* of the present chunk */
	uint32_t ref;				/* of the slot that was returned last */
	uint32_t index;				/* its number */
};

static inline void scxi_slots_begin(struct scxi_slots *s, const struct scxi_memory *memory)
{
	const struct scx_memory *m = memory->memory;
	uint32_t nr = SCXI_READ(m->nr_chunks);

	*s = (struct scxi_slots){
		.memory = memory,
		.chunks = scxi_ref(memory, m->chunks, SCX_CHUNKS_MAX * sizeof(uint32_t)),
	};
	if (s->chunks)
		s->nr_chunks = nr < SCX_CHUNKS_MAX ? nr : SCX_CHUNKS_MAX;
}

/* The next chunk that is there: one that is being added may not be yet. */
static inline bool scxi_slots_chunk(struct scxi_slots *s)
{
	while (s->next_chunk < s->nr_chunks) {
		uint32_t ref = SCXI_READ(s->chunks[s->next_chunk]);

		s->slot = scxi_ref(s->memory, ref, SCX_PAGE_BYTES);
		s->index = s->next_chunk++ * SCX_CHUNK_TASKS - 1;
		s->ref = ref - SCX_TASK_BYTES;
		if (s->slot) {
			s->end = s->slot + SCX_CHUNK_TASKS;
			return true;
		}
	}
	return false;
}

/* The next slot, with a task in it or not; NULL behind the last one. */
static inline const struct scx_task_slot *scxi_slots_next(struct scxi_slots *s)
{
	if (s->slot == s->end && !scxi_slots_chunk(s))
		return NULL;
	s->ref += SCX_TASK_BYTES;
	s->index++;
	return s->slot++;
}

#endif /* SCXI_SLOTS_H */
