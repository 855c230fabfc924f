/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The running kernel's BTF, looked through once and forgotten.
 *
 * libbpf parses it too, but only while it loads an object, when it is too late for what we want to
 * know; having it parse the several MB a second time costs more than this walk.
 */
#ifndef SCXI_KERNEL_BTF_H
#define SCXI_KERNEL_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/btf.h>

struct scxi_kernel_btf {
	void *data;
	size_t bytes;
	bool mapped;
	const uint8_t *types, *types_end;
	const char *strings;
	size_t strings_bytes;
};

/* Called for each type, with ids from 1; a non-zero return ends the walk and is handed back. */
typedef int (*scxi_type_fn)(void *arg, const struct scxi_kernel_btf *btf, uint32_t id,
			    const struct btf_type *type, const char *name);

/* Returns 0, -ENOENT (the kernel has no BTF), -EINVAL (damaged), or another errno. */
int scxi_kernel_btf_open(struct scxi_kernel_btf *btf);
void scxi_kernel_btf_close(struct scxi_kernel_btf *btf);
int scxi_kernel_btf_walk(const struct scxi_kernel_btf *btf, scxi_type_fn fn, void *arg);

/* Never NULL: "" for no name, and for one outside. */
const char *scxi_kernel_btf_string(const struct scxi_kernel_btf *btf, uint32_t offset);

/*
 * Functions of sched_ext whose prototype in BTF has the hidden argument `struct bpf_prog_aux *`,
 * which no object can match: some builds of 7.1 and 7.2 have it. Their number; the first names go
 * into @names, separated by commas.
 */
int scxi_kernel_btf_damage(const struct scxi_kernel_btf *btf, char *names, size_t size);

#endif /* SCXI_KERNEL_BTF_H */
