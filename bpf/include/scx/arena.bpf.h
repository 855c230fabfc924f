/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The arena: memory that the scheduler and user space see alike. Pages are allocated in sleepable
 * callbacks and never given back while the scheduler lives.
 */
#ifndef SCX_ARENA_BPF_H
#define SCX_ARENA_BPF_H

#include "memory.h"
#include "portable.bpf.h"

#define SCX_PAGES(bytes) (((bytes) + SCX_PAGE_BYTES - 1) / SCX_PAGE_BYTES)

/* Everything at its limit, and room for the allocator's own rounding: address space, not memory. */
#define SCX_ARENA_PAGES                                                                            \
	(SCX_CHUNKS_MAX + SCX_PAGES(SCX_CHUNKS_MAX * 4) +                                          \
	 SCX_PAGES(SCX_CPUS_MAX * SCX_DOMAINS_MAX * sizeof(struct scx_account)) +                  \
	 SCX_PAGES(SCX_CPUS_MAX * sizeof(struct scx_cpu_slot)) +                                   \
	 SCX_PAGES(SCX_DOMAINS_MAX * sizeof(struct scx_domain_slot)) + 4096)

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SCX_ARENA_PAGES);
} scx_arena SEC(".maps");

struct scx_memory __arena scx_memory;

/* What callbacks need of scx_memory at every turn, once more: two instructions less to load from here. */
struct scx_tables {
	u32 accounts, account_stride, cpus, domains;
} scx_tables;

/* The object that a reference names. A wrong one reads zeros: the arena has no bad address. */
#define scx_ref(type, ref) ((type __arena *)(unsigned long)(ref))
#define scx_ref_of(ptr) ((u32)(unsigned long)(ptr))

/* A program that reaches the arena through references alone has to name it once. */
#define scx_use_arena() asm volatile("" : : "r"(&scx_arena))

/*
 * A plain store to the arena that stays one. clang 19 makes one memset of neighbouring stores of 0 and
 * forgets there that the address is the arena's: "R2 invalid mem access 'scalar'".
 */
#define scx_set(field, value) (*(volatile typeof(field) *)&(field) = (value))

/* A new object of @bytes, zeroed; its reference, or 0. In sleepable programs only. */
static __always_inline u32 scx_arena_new(u64 bytes)
{
	return scx_ref_of(bpf_arena_alloc_pages(&scx_arena, NULL, SCX_PAGES(bytes), -1, 0));
}

/*
 * A stack of free slots that needs no lock: the upper half of @head counts, so that a slot which was
 * taken and came back in between is noticed. Slots are never unmapped, so reading the next one of a
 * slot that somebody else just took is harmless.
 */
#define scx_pop(type, head)                                                                        \
	({                                                                                         \
		u32 scx_got = 0;                                                                   \
		while (scx_may_loop()) {                                                           \
			u64 scx_old = *(volatile u64 __arena *)(head), scx_new;                    \
			if (!(u32)scx_old)                                                         \
				break;                                                             \
			scx_new =                                                                  \
				(((scx_old >> 32) + 1) << 32) | scx_ref(type, (u32)scx_old)->next; \
			if (__sync_val_compare_and_swap(head, scx_old, scx_new) == scx_old) {      \
				scx_got = (u32)scx_old;                                            \
				break;                                                             \
			}                                                                          \
		}                                                                                  \
		scx_got;                                                                           \
	})

#define scx_push(type, head, ref)                                                                  \
	do {                                                                                       \
		u32 scx_pushed = (ref);                                                            \
		u64 scx_old, scx_new;                                                              \
		while (scx_may_loop()) {                                                           \
			scx_old = *(volatile u64 __arena *)(head);                                 \
			scx_new = (((scx_old >> 32) + 1) << 32) | scx_pushed;                      \
			scx_ref(type, scx_pushed)->next = (u32)scx_old;                            \
			if (__sync_val_compare_and_swap(head, scx_old, scx_new) == scx_old)        \
				break;                                                             \
		}                                                                                  \
	} while (0)

#endif
