/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Reading memory that a scheduler writes meanwhile.
 */
#ifndef SCXI_MEMORY_H
#define SCXI_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <include/scx/memory.h>

#include "backend.h"

/* One aligned word, as it is at some moment. */
#define SCXI_READ(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

/* What was read before is older than what is read behind. */
#define SCXI_READ_ORDER() __atomic_thread_fence(__ATOMIC_ACQUIRE)

/* The object of @bytes that a reference names, or NULL if it is not inside. */
void *scxi_ref(const struct scxi_memory *memory, uint32_t ref, size_t bytes);

#endif /* SCXI_MEMORY_H */
