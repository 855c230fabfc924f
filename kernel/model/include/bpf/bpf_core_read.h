/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* CO-RE for the model: types are what they are, only their presence depends on the kernel posed as. */
#ifndef SCXM_BPF_CORE_READ_H
#define SCXM_BPF_CORE_READ_H

#include "bpf_helpers.h"

#define bpf_core_field_exists(field...) scxm_ask(scxm_h_field_exists(#field))
#define bpf_core_type_exists(type) scxm_ask(scxm_h_type_exists(#type))
#define bpf_core_type_matches(type) scxm_ask(scxm_h_type_exists(#type))
#define bpf_core_enum_value_exists(type, value) scxm_ask(scxm_h_enum_exists(#value))
#define bpf_core_enum_value(type, value)                                                           \
	({                                                                                         \
		static u64 scxm_value, scxm_read;                                                  \
		if (!scxm_read) {                                                                  \
			scxm_value = scxm_h_enum_value(#value, (u64)(value));                      \
			scxm_read = 1;                                                             \
		}                                                                                  \
		(typeof(value))scxm_value;                                                         \
	})
#define bpf_core_type_size(type) sizeof(type)
#define bpf_core_field_size(field...) sizeof(field)
#define bpf_core_field_offset(type, field) offsetof(type, field)
/* What bpf_obj_new() needs to know of a type is its size alone. */
#define bpf_core_type_id_local(type) sizeof(type)
#define bpf_core_type_id_kernel(type) sizeof(type)
#define bpf_core_cast(ptr, type) ((typeof(type) *)(ptr))

#define bpf_core_read(dst, size, src) bpf_probe_read_kernel(dst, size, src)
#define bpf_core_read_str(dst, size, src) bpf_probe_read_kernel_str(dst, size, src)
#define bpf_core_read_user(dst, size, src) bpf_probe_read_kernel(dst, size, src)

#define scxm_walk1(s, a) ((s)->a)
#define scxm_walk2(s, a, b) ((s)->a->b)
#define scxm_walk3(s, a, b, c) ((s)->a->b->c)
#define scxm_walk4(s, a, b, c, d) ((s)->a->b->c->d)
#define scxm_walk5(s, a, b, c, d, e) ((s)->a->b->c->d->e)
#define scxm_walk_pick(a, b, c, d, e, name, ...) name
#define BPF_CORE_READ(src, a...)                                                                   \
	(scxm_walk_pick(a, scxm_walk5, scxm_walk4, scxm_walk3, scxm_walk2, scxm_walk1)(src, a))
#define BPF_CORE_READ_INTO(dst, src, a...)                                                         \
	({                                                                                         \
		*(dst) = BPF_CORE_READ(src, a);                                                    \
		0;                                                                                 \
	})
#define BPF_PROBE_READ(src, a...) BPF_CORE_READ(src, a)
#define BPF_CORE_READ_STR_INTO(dst, src, a...)                                                     \
	bpf_probe_read_kernel_str(dst, sizeof(*(dst)), BPF_CORE_READ(src, a))
#define BPF_CORE_READ_BITFIELD(s, field) ((s)->field)
#define BPF_CORE_READ_BITFIELD_PROBED(s, field) ((s)->field)

#endif
