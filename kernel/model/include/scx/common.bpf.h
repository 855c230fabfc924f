/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * In front of the kernel's header of this name, which follows unchanged: what it writes in the
 * assembly of BPF is predefined here, and arrays that user space resizes get their room.
 */
#ifndef SCXM_COMMON_BPF_H
#define SCXM_COMMON_BPF_H

#include "scxm/native.h"

#define bpf_addr_space_cast(var, dst_as, src_as) ((void)(var))
#define MEMBER_VPTR(base, member)                                                                  \
	({                                                                                         \
		__u64 scxm_at = (__u64)(&((base)member)) - (__u64)(&(base));                       \
		scxm_at <= sizeof(base) - sizeof((base)member)                                     \
			? (typeof((base)member) *)&((base)member)                                  \
			: NULL;                                                                    \
	})
#define ARRAY_ELEM_PTR(arr, i, n) ((__u64)(i) < (__u64)(n) ? &(arr)[i] : NULL)

#include_next <scx/common.bpf.h>

#undef RESIZABLE_ARRAY
#define SCXM_RESIZE_MAX 65536
#define RESIZABLE_ARRAY(elfsec, arr) arr[SCXM_RESIZE_MAX] SEC("." #elfsec "." #arr)

#endif
