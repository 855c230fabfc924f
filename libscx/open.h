/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Opening, for the bridge to libbpf too.
 */
#ifndef SCXI_OPEN_H
#define SCXI_OPEN_H

#include <stdbool.h>

struct bpf_object;
struct scx;
struct scx_open_opts;

/* One of @scheduler, @adopt and opts->object. As scx_open(). */
struct scx *scxi_open(const char *scheduler, struct bpf_object *adopt,
		      const struct scx_open_opts *opts);

/* Is it a path, or a name of the library's stock? */
bool scxi_is_path(const char *scheduler);

#endif /* SCXI_OPEN_H */
