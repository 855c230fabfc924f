/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The bridge to libbpf.
 */
#include "libbpf.h"

#include <scx/libbpf.h>

#include "handle.h"
#include "open.h"

struct scx *scx_libbpf_adopt(struct bpf_object *object, const struct scx_open_opts *opts)
{
	return scxi_open(NULL, object, opts);
}

struct bpf_object *scx_libbpf_object(const struct scx *scx)
{
	if (scx->backend != &scxi_backend_kernel)
		return NULL;
	return scxi_backend_kernel_object(scx->session);
}
