/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Structs that grow at the end and begin with their size, as callers of other versions hand them in.
 */
#ifndef SCXI_PLAN_OPTIONS_H
#define SCXI_PLAN_OPTIONS_H

#include <stddef.h>

/*
 * Copies @opts into @ret, a struct of @known bytes; what the caller does not know is 0. Returns 0, -E2BIG
 * when it has non-zero bytes that we do not know, or -EINVAL when its size is none.
 */
int scxi_plan_opts_read(void *ret, size_t known, const void *opts);

#endif /* SCXI_PLAN_OPTIONS_H */
