/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Helpers as the model has them. Their symbols are hidden in each scheduler's own object (thunk.S):
 * libbpf, which may be in the same process, uses some of these names for its own functions.
 */
#ifndef SCXM_BPF_HELPERS_H
#define SCXM_BPF_HELPERS_H

#include "../scxm/native.h"

#define SEC(name) __attribute__((section(name), used))

#define __uint(name, val) int(*name)[val]
#define __type(name, val) typeof(val) *name
#define __array(name, val) typeof(val) *name[]
#define __ulong(name, val) enum { ___bpf_concat(__unique_value, __COUNTER__) = val } name

#ifndef KERNEL_VERSION
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
#ifndef container_of
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - __builtin_offsetof(type, member)))
#endif
#ifndef barrier
#define barrier() __asm__ volatile("" ::: "memory")
#endif
#ifndef barrier_var
#define barrier_var(var) __asm__ volatile("" : "+r"(var))
#endif
#define __bpf_unreachable() __builtin_trap()

#define ___bpf_concat(a, b) a##b
#define ___bpf_apply(fn, n) ___bpf_concat(fn, n)
#define ___bpf_nth(_, _1, _2, _3, _4, _5, _6, _7, _8, _9, _a, _b, _c, N, ...) N
#define ___bpf_narg(...) ___bpf_nth(_, ##__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
/* Arguments are stored as 64-bit words, as BPF registers hold them. */
#define scxm_word(x)                                                                               \
	(__builtin_choose_expr(__builtin_types_compatible_p(typeof(x), void), 0,                   \
			       (unsigned long long)(x)))
#define ___bpf_fill0(arr, p, x)                                                                    \
	do {                                                                                       \
	} while (0)
#define ___bpf_fill1(arr, p, x) arr[p] = scxm_word(x)
#define ___bpf_fill2(arr, p, x, args...)                                                           \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill1(arr, p + 1, args)
#define ___bpf_fill3(arr, p, x, args...)                                                           \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill2(arr, p + 1, args)
#define ___bpf_fill4(arr, p, x, args...)                                                           \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill3(arr, p + 1, args)
#define ___bpf_fill5(arr, p, x, args...)                                                           \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill4(arr, p + 1, args)
#define ___bpf_fill6(arr, p, x, args...)                                                           \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill5(arr, p + 1, args)
#define ___bpf_fill7(arr, p, x, args...)                                                           \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill6(arr, p + 1, args)
#define ___bpf_fill8(arr, p, x, args...)                                                           \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill7(arr, p + 1, args)
#define ___bpf_fill9(arr, p, x, args...)                                                           \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill8(arr, p + 1, args)
#define ___bpf_fill10(arr, p, x, args...)                                                          \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill9(arr, p + 1, args)
#define ___bpf_fill11(arr, p, x, args...)                                                          \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill10(arr, p + 1, args)
#define ___bpf_fill12(arr, p, x, args...)                                                          \
	arr[p] = scxm_word(x);                                                                     \
	___bpf_fill11(arr, p + 1, args)
#define ___bpf_fill(arr, args...) ___bpf_apply(___bpf_fill, ___bpf_narg(args))(arr, 0, args)

extern void *bpf_map_lookup_elem(void *map, const void *key);
extern void *bpf_map_lookup_percpu_elem(void *map, const void *key, u32 cpu);
extern long bpf_map_update_elem(void *map, const void *key, const void *value, u64 flags);
extern long bpf_map_delete_elem(void *map, const void *key);
extern long bpf_map_push_elem(void *map, const void *value, u64 flags);
extern long bpf_map_pop_elem(void *map, void *value);
extern long bpf_map_peek_elem(void *map, void *value);
extern long bpf_for_each_map_elem(void *map, void *fn, void *ctx, u64 flags);
extern void *bpf_task_storage_get(void *map, struct task_struct *p, void *value, u64 flags);
extern long bpf_task_storage_delete(void *map, struct task_struct *p);
extern void *bpf_cgrp_storage_get(void *map, struct cgroup *cgrp, void *value, u64 flags);
extern long bpf_cgrp_storage_delete(void *map, struct cgroup *cgrp);
extern void *bpf_ringbuf_reserve(void *map, u64 size, u64 flags);
extern void bpf_ringbuf_submit(void *data, u64 flags);
extern void bpf_ringbuf_discard(void *data, u64 flags);
extern long bpf_ringbuf_output(void *map, void *data, u64 size, u64 flags);
extern u64 bpf_ringbuf_query(void *map, u64 flags);
extern long bpf_user_ringbuf_drain(void *map, void *fn, void *ctx, u64 flags);

extern u64 bpf_ktime_get_ns(void);
extern u64 bpf_ktime_get_boot_ns(void);
extern u64 bpf_ktime_get_coarse_ns(void);
extern u64 bpf_jiffies64(void);
extern u32 bpf_get_smp_processor_id(void);
extern s32 bpf_get_numa_node_id(void);
extern u32 bpf_get_prandom_u32(void);
extern struct task_struct *bpf_get_current_task_btf(void);
extern u64 bpf_get_current_task(void);
extern u64 bpf_get_current_pid_tgid(void);
extern long bpf_get_current_comm(void *buf, u32 size);
extern u64 bpf_get_current_cgroup_id(void);
extern void *bpf_this_cpu_ptr(const void *percpu);
extern void *bpf_per_cpu_ptr(const void *percpu, u32 cpu);
extern long bpf_probe_read_kernel(void *dst, u32 size, const void *src);
extern long bpf_probe_read_kernel_str(void *dst, u32 size, const void *src);
extern long bpf_probe_read(void *dst, u32 size, const void *src);
extern long bpf_probe_read_user(void *dst, u32 size, const void *src);
extern long bpf_probe_read_str(void *dst, u32 size, const void *src);
extern long bpf_strncmp(const char *a, u32 size, const char *b);
extern long bpf_snprintf(char *str, u32 size, const char *fmt, u64 *data, u32 bytes);
extern long scxm_h_printk(const char *fmt, const u64 *data, u32 nr);
extern void *bpf_kptr_xchg(void *slot, void *ptr);
extern long bpf_loop(u32 nr, void *fn, void *ctx, u64 flags);

extern long bpf_timer_init(struct bpf_timer *timer, void *map, u64 flags);
extern long bpf_timer_set_callback(struct bpf_timer *timer, void *fn);
extern long bpf_timer_start(struct bpf_timer *timer, u64 nsecs, u64 flags);
extern long bpf_timer_cancel(struct bpf_timer *timer);
extern void bpf_spin_lock(struct bpf_spin_lock *lock);
extern void bpf_spin_unlock(struct bpf_spin_lock *lock);

#define bpf_printk(fmt, args...)                                                                   \
	({                                                                                         \
		static const char scxm_fmt[] = fmt;                                                \
		u64 scxm_data[___bpf_narg(args) ?: 1] = {};                                        \
		___bpf_fill(scxm_data, args);                                                      \
		scxm_h_printk(scxm_fmt, scxm_data, ___bpf_narg(args));                             \
	})
#define bpf_repeat(n) for (int scxm_i = 0, scxm_n = (n); scxm_i < scxm_n; scxm_i++)
#define bpf_for(i, from, to)                                                                       \
	for (int scxm_i = (from), scxm_to = (to); scxm_i < scxm_to && ((i) = scxm_i, 1); scxm_i++)
#define bpf_for_each(kind, cur, args...)                                                           \
	for (struct bpf_iter_##kind ___it                                                          \
	     __attribute__((aligned(8), cleanup(bpf_iter_##kind##_destroy))),                      \
	     *scxm_it                                                                              \
	     __attribute__((unused)) = (bpf_iter_##kind##_new(&___it, ##args), (void *)0);         \
	     ((cur) = bpf_iter_##kind##_next(&___it));)

#endif
