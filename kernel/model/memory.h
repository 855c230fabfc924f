/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Memory for what schedulers see. It lies at the same addresses in every process, so that even a
 * program that computes with pointers runs the same each time.
 */
#ifndef SCXM_MEMORY_H
#define SCXM_MEMORY_H

#include "scxm.h"

int scxm_memory_init(struct scxm *m);
void scxm_memory_free(struct scxm *m);
/* Zeroed; NULL: none is left. */
void *scxm_alloc(struct scxm *m, size_t bytes);
void scxm_free(struct scxm *m, void *at, size_t bytes);
/* Pages below 4 GiB, where 32 bits make an address; NULL: no room. */
void *scxm_map_low(size_t bytes);

#endif
