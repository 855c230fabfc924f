/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The memory that a scheduler shares: set up once after each load, then reached by references.
 *
 * All that is in it is believed no further than the library's own safety: references are checked to
 * lie inside, counts against the limits of memory.h.
 */
#include "memory.h"

#include <errno.h>
#include <string.h>

#include "domain.h"
#include "handle.h"

void *scxi_ref(const struct scxi_memory *memory, uint32_t ref, size_t bytes)
{
	uintptr_t base = (uintptr_t)memory->base;
	/* An arena lies within 4 GiB that begin at a multiple of that. */
	size_t offset = (uint32_t)(ref - (uint32_t)base);

	if (!ref || ref % 8 || offset > memory->bytes || bytes > memory->bytes - offset)
		return NULL;
	return memory->base + offset;
}

static int check(struct scx *scx, const struct scxi_memory *m)
{
	const struct scx_memory *memory = m->memory;

	if (memory->version != SCX_MEMORY_VERSION)
		return scxi_fail(scx, -EPROTO,
				 "%s shares memory of version %u, this libscx knows version %d",
				 scx->features.name, memory->version, SCX_MEMORY_VERSION);
	if (memory->nr_cpus > SCX_CPUS_MAX || memory->account_stride > SCX_DOMAINS_MAX ||
	    !scxi_ref(m, memory->chunks, SCX_CHUNKS_MAX * sizeof(uint32_t)) ||
	    !scxi_ref(m, memory->accounts,
		      (size_t)memory->nr_cpus * memory->account_stride *
			      sizeof(struct scx_account)) ||
	    !scxi_ref(m, memory->cpus, memory->nr_cpus * sizeof(struct scx_cpu_slot)) ||
	    !scxi_ref(m, memory->domains, memory->account_stride * sizeof(struct scx_domain_slot)))
		return scxi_fail(scx, -EPROTO, "%s shares memory that makes no sense",
				 scx->features.name);
	return 0;
}

int scxi_memory_open(struct scx *scx)
{
	struct scx_verb_init init = { .domains = scxi_domains_room(scx) };
	const struct scxi_backend_ops *ops = scx->backend->ops;
	struct scxi_memory memory;
	int err;

	if (!scx->features.memory)
		return 0;
	err = ops->verb(scx->session, "init", &init, sizeof(init));
	if (!err)
		err = init.result;
	/* A scheduler may do it by itself, in its own time or before us. */
	if (err && err != -ENOTSUP && err != -EEXIST)
		return scxi_fail(scx, err, "%s cannot set up its tables: %s", scx->features.name,
				 err == -E2BIG ? "the machine has more CPUs than it has room for"
					       : strerror(-err));
	err = ops->memory(scx->session, &memory);
	if (err)
		return scxi_fail(scx, err, "%s: its memory cannot be mapped: %s",
				 scx->features.name, strerror(-err));
	err = check(scx, &memory);
	if (!err)
		scx->memory = memory;
	return err;
}
