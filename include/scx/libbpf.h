/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The bridge to libbpf: for programs that have a BPF object of their own, mostly in a skeleton, or
 * that want the maps of a scheduler which libscx opened.
 *
 * It is the only header that needs libbpf's own (1.4 or later).
 *
 * Example:
 *
 *	struct mine_bpf *skel = mine_bpf__open();
 *	struct scx *s = scx_libbpf_adopt(skel->obj, NULL);
 *
 *	skel->rodata->slice_us = 5000;
 *	scx_attach(s);
 *	scx_run(s, NULL);
 *	scx_close(s);
 *	mine_bpf__destroy(skel);
 */
#ifndef SCX_LIBBPF_H
#define SCX_LIBBPF_H

#include <bpf/libbpf.h>

#include <scx/api.h>
#include <scx/scx.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * scx_libbpf_adopt - a handle for an object of the caller's
 * @object: opened, not loaded, with one struct_ops map of type sched_ext_ops
 * @opts:   may be NULL; @object and @backend must not be set
 *
 * The caller keeps @object and closes it after the handle. scx_load() and scx_attach() load it, once:
 * a libbpf object cannot be loaded twice, so there are no restarts and no second scx_attach().
 *
 * Returns as scx_open(). Threads: safe, if nobody uses @object meanwhile. Since: 0.1
 */
SCX_API struct scx *scx_libbpf_adopt(struct bpf_object *object, const struct scx_open_opts *opts);

/**
 * scx_libbpf_object - the libbpf object of a handle
 * @scx: in any state
 *
 * For its maps and programs. It belongs to the handle, and is another one after each restart and
 * each scx_attach() that follows a scx_detach().
 *
 * Returns the object, or NULL: the handle is detached, or its backend is another one.
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API struct bpf_object *scx_libbpf_object(const struct scx *scx);

#ifdef __cplusplus
}
#endif

#endif /* SCX_LIBBPF_H */
