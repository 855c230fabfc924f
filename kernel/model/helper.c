// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * BPF helpers that only look around. Locks and sections are counted, so that a callback which does
 * not close what it opened is caught (call.c); nothing can interrupt it here.
 */
#include <linux/bpf.h>
#include <string.h>

#include "kf.h"

void scxm_kf_rcu_read_lock(void)
{
	struct scxm *m = scxm_here;

	if (m->frame->rcu++ && !scxm_posed_since(m, 7, 0))
		scxm_refuse(m, "nested rcu read lock (kernel function bpf_rcu_read_lock)");
}

void scxm_kf_rcu_read_unlock(void)
{
	scxm_here->frame->rcu--;
}

void scxm_kf_preempt_disable(void)
{
	scxm_here->frame->preempt++;
}

void scxm_kf_preempt_enable(void)
{
	scxm_here->frame->preempt--;
}

void scxm_kf_local_irq_save(unsigned long *flags)
{
	*flags = (unsigned long)scxm_here->frame->irq++;
}

void scxm_kf_local_irq_restore(unsigned long *flags)
{
	struct scxm *m = scxm_here;

	if ((unsigned long)--m->frame->irq != *flags)
		scxm_refuse(m, "cannot restore irq state out of order");
}

void scxm_h_spin_lock(struct bpf_spin_lock *lock)
{
	struct scxm *m = scxm_here;

	if (lock->val)
		scxm_refuse(m, "the lock at %p is taken twice", (void *)lock);
	lock->val = 1;
	m->frame->spin++;
}

void scxm_h_spin_unlock(struct bpf_spin_lock *lock)
{
	lock->val = 0;
	scxm_here->frame->spin--;
}

u64 scxm_h_ktime_get_ns(void)
{
	return scxm_now(scxm_here);
}

u64 scxm_h_jiffies64(void)
{
	return scxm_jiffies(scxm_here);
}

u32 scxm_h_smp_processor_id(void)
{
	return (u32)scxm_here->cpu;
}

s32 scxm_h_numa_node_id(void)
{
	return scxm_here->cpus[scxm_here->cpu].node;
}

u32 scxm_h_prandom_u32(void)
{
	return (u32)scxm_random_next(&scxm_here->random_bpf);
}

struct task_struct *scxm_h_current_task(void)
{
	return scxm_current(scxm_here);
}

u64 scxm_h_current_pid_tgid(void)
{
	const struct task_struct *p = scxm_current(scxm_here);

	return (u64)(u32)p->tgid << 32 | (u32)p->pid;
}

long scxm_h_probe_read(void *dst, u32 size, const void *src)
{
	/* The first page is what a wrong pointer most often points to. */
	if ((uintptr_t)src < 4096) {
		memset(dst, 0, size);
		return -14; /* -EFAULT */
	}
	memcpy(dst, src, size);
	return 0;
}

long scxm_h_probe_read_str(void *dst, u32 size, const void *src)
{
	size_t n;

	if ((uintptr_t)src < 4096) {
		if (size)
			*(char *)dst = '\0';
		return -14;
	}
	if (!size)
		return 0;
	n = strnlen(src, size - 1);
	memcpy(dst, src, n);
	((char *)dst)[n] = '\0';
	return (long)n + 1;
}

long scxm_h_strncmp(const char *a, u32 size, const char *b)
{
	return strncmp(a, b, size);
}

/* A reference goes into the map's slot, and the one that was there comes out. */
void *scxm_h_kptr_xchg(void *slot, void *ptr)
{
	void **at = slot, *was = *at;

	*at = ptr;
	scxm_here->frame->refs += (was != NULL) - (ptr != NULL);
	return was;
}

long scxm_h_printk(const char *fmt, const u64 *data, u32 nr)
{
	char text[512];

	/* There is no trace pipe to print it to; the format is checked all the same. */
	return scxm_text(text, sizeof(text), fmt, (const uint64_t *)data, nr);
}
