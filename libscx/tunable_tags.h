/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What the declaration tags of a tunable say: "help:TEXT", "unit:us", "range:MIN..MAX",
 * "values:fifo=0,vtime=1".
 */
#ifndef SCXI_TUNABLE_TAGS_H
#define SCXI_TUNABLE_TAGS_H

#include <stdbool.h>
#include <stdint.h>

struct scxi_chosen;
struct scxi_tunable;

/*
 * A whole text as a number, decimal or 0x...; the bit pattern of an int64_t if @negative is allowed.
 * Returns 0, -EINVAL, or -ERANGE.
 */
int scxi_number_parse(const char *text, bool negative, uint64_t *ret);

/*
 * Fills the texts, values and the range of @c, whose type, size and limits are set, from the tags.
 * A tag that is not understood is left out: it can spoil the help of a stranger's scheduler, not the
 * scheduler. Returns 0 or -ENOMEM.
 */
int scxi_tags_read(struct scxi_chosen *c, const struct scxi_tunable *t);

#endif /* SCXI_TUNABLE_TAGS_H */
